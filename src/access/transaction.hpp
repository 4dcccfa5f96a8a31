// Runs work in a transaction of the store that answers with a value, or with an error that undoes it.
//
// Work may run several times (see storage/store.hpp), so it must not keep what an earlier run learnt. It
// holds the order of appends from its begin: all changes of users and keys, of all processes on one database,
// come one after the other, and what work reads stays true until it is committed.
#pragma once

#include <expected>
#include <optional>
#include <utility>

#include "access/call.hpp"
#include "access/error.hpp"
#include "storage/store.hpp"

namespace punctual::access {

// An error of the database, which the store looks at, or one of ours.
struct Failure {
  std::optional<storage::Error> of_store;
  std::optional<Error> own;

  Failure(storage::Error error) : of_store(std::move(error)) {}
  Failure(Error error) : own(std::move(error)) {}
  Failure(ErrorKind kind, std::string field, std::string message)
      : own(Error{kind, std::move(field), std::move(message), {}}) {}
};

template <class T>
using Attempt = std::expected<T, Failure>;

// `work` is an Attempt<T>(storage::Connection&).
template <class T, class Work>
std::expected<T, Error> in_transaction(storage::Store& store, const Call& call, Work work) {
  std::optional<Attempt<T>> last;
  const auto outcome = store.write(
      [&](storage::Connection& connection) -> storage::Outcome {
        if (auto ordered = storage::order_appends(connection); !ordered) return ordered;
        last.emplace(work(connection));
        if (last->has_value()) return {};
        if (last->error().of_store) return std::unexpected(*last->error().of_store);
        return std::unexpected(storage::Error{storage::ErrorKind::refused, last->error().own->message, {}});
      },
      call.deadline);
  if (outcome) {
    if constexpr (std::is_void_v<T>)
      return {};
    else
      return std::move(**last);
  }
  // Ours counts only if it is what ended the last run: the store may have failed for a reason of its own.
  if (last && !last->has_value() && last->error().own && outcome.error().kind == storage::ErrorKind::refused)
    return std::unexpected(std::move(*last->error().own));
  return std::unexpected(error_of(outcome.error()));
}

}  // namespace punctual::access
