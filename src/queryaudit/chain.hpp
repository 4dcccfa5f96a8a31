// The chain in the database: links are appended, none is ever changed or removed.
//
// `start` and `finish` are for Jobs of the Store: several gateways on one database take turns. A head whose
// seal does not fit, or that is older than one that this process has seen, was tampered with: nothing is
// appended to it, so that nothing is covered up. One object a process; the Store runs one job at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "queryaudit/link_hash.hpp"
#include "storage/store.hpp"

namespace punctual::queryaudit {

struct Head {
  std::int64_t links = 0;
  std::string hash;
  std::string seal;
};

// How the key of the chain is sealed for the database and opened again; errors are sentences for people.
struct KeySeal {
  std::function<std::expected<std::string, std::string>(std::string_view text)> seal;
  std::function<std::expected<config::Secret, std::string>(std::string_view blob)> open;
};

class Chain {
 public:
  // With the key in the database; a new one where there is none.
  static std::expected<std::unique_ptr<Chain>, std::string> open(storage::Store& store, const KeySeal& seal);

  const LinkHash& hash() const { return hash_; }

  // The answer is the id.
  std::expected<std::int64_t, storage::Error> start(storage::Connection& connection, const Started& started);
  // False: it has ended already, and stays as it is.
  std::expected<bool, storage::Error> finish(storage::Connection& connection, std::int64_t id,
                                             const Finished& finished);
  // After the commit of what appended them.
  void committed(std::int64_t links);

 private:
  explicit Chain(secrets::Key key) : hash_(std::move(key)) {}
  std::expected<Head, storage::Error> take_turn(storage::Connection& connection) const;
  storage::Outcome put_head(storage::Connection& connection, std::int64_t links,
                            const std::string& hash) const;

  LinkHash hash_;
  std::atomic<std::int64_t> links_seen_ = 0;
};

std::expected<Head, storage::Error> read_head(storage::Connection& connection);

}  // namespace punctual::queryaudit
