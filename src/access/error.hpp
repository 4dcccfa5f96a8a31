// Why something about users, sessions or keys cannot be done, for people and for programs.
//
// `message` says what is wrong, with the value where it is no secret, and what would be right.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "deadline/clock.hpp"
#include "secrets/error.hpp"
#include "storage/error.hpp"

namespace punctual::access {

enum class ErrorKind : std::uint8_t {
  invalid,          // a value cannot be as it is given
  conflict,         // with what is there
  not_found,        // there is no such thing
  forbidden,        // not for this user
  too_many,         // too often; see retry_after
  unauthenticated,  // not the right name and password, or token
  unavailable,      // the database, or memory; try again
};

struct Error {
  ErrorKind kind = ErrorKind::unavailable;
  std::string field;  // of the request: "name", "password"; empty: of none
  std::string message;
  deadline::Duration retry_after{};  // of too_many
};

// "invalid", "conflict", ...
std::string_view name_of(ErrorKind kind);

Error error_of(const storage::Error& error);
Error error_of(const secrets::Error& error);

}  // namespace punctual::access
