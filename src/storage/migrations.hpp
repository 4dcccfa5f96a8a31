// The schema, as the steps that lead to it. Each step is one transaction, and is recorded in
// `schema_migrations` with its checksum and time.
//
// A migration is written once, in the words of PostgreSQL; portable.hpp says what is translated for SQLite.
// One that has been released is never changed: its checksum is looked at. Several processes may migrate at
// once.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/connection.hpp"
#include "storage/error.hpp"

namespace punctual::storage {

struct Migration {
  std::int64_t number = 0;  // from 1, without gaps
  std::string_view name;
  std::vector<std::string_view> statements;
};

// Of this version of the program.
std::span<const Migration> all_migrations();

// Applies what is missing. ErrorKind::refused if the database knows more than `migrations`, or another text
// of one of them.
Outcome migrate(Connection& connection, std::span<const Migration> migrations);

}  // namespace punctual::storage
