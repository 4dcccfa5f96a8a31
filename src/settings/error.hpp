// Why a change of the settings was not made. Plain values; a message never holds a secret.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace punctual::settings {

enum class ErrorKind : std::uint8_t {
  invalid,      // a field is wrong: 422
  pinned,       // the environment sets it: 409
  conflict,     // something else stands against it: 409
  forbidden,    // the file or the environment would have to allow it: 403
  not_found,    // there is none of that id: 404
  stale,        // it was changed meanwhile, and the caller asked to be told: 412
  unavailable,  // the database is away or full: 503
};

struct FieldError {
  std::string field;    // as in the body: "chat_seconds", "targets[0].provider"; empty: the whole
  std::string message;  // "is 5: give 60 to 7200 seconds"
};

struct Error {
  ErrorKind kind = ErrorKind::invalid;
  std::string message;             // one sentence
  std::vector<FieldError> fields;  // in the order of the body
};

template <class T>
using Result = std::expected<T, Error>;

inline Error invalid_field(std::string field, std::string message) {
  std::string sentence = field + " " + message;
  return {ErrorKind::invalid, std::move(sentence), {{std::move(field), std::move(message)}}};
}

}  // namespace punctual::settings
