// What can go wrong with a database, for both kinds of database the same.
//
// `message` is for people: one line, without a password and without the values of a row. What a caller
// decides by is `kind`, and for ErrorKind::constraint also `constraint`.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace punctual::storage {

enum class ErrorKind : std::uint8_t {
  unavailable,  // the connection is lost, or the database cannot be opened or reached
  busy,         // locked by somebody else for too long; or the queue of jobs is full
  full,         // the disk, or what this database may use of it
  constraint,   // unique, foreign key, check or not null: the row is wrong
  corrupt,      // the database contradicts itself
  interrupted,  // cancelled, or out of time
  refused,      // read-only, no permission, made by a newer version, or a value that cannot be stored
  internal,     // our mistake: SQL that is wrong
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
  // For ErrorKind::constraint: "providers.name" (unique, primary key, not null; several columns as
  // "settings.section, settings.name"), the name of a check ("users_role"), or "foreign key".
  std::string constraint;
};

using Outcome = std::expected<void, Error>;

// "unavailable", "busy", ...: for logs and metrics.
std::string_view name_of(ErrorKind kind);

}  // namespace punctual::storage
