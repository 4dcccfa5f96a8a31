// The record of one statement on a data source for a chat. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "datasource/execution.hpp"

namespace punctual::queryaudit {

// lost: the process ended while it ran.
enum class Outcome : std::uint8_t { running, success, failed, refused, timeout, cancelled, lost };
std::string_view name_of(Outcome outcome);
std::optional<Outcome> parse_outcome(std::string_view name);
Outcome outcome_of(datasource::End end);

// What is known before it runs. Times are microseconds since the epoch.
struct Started {
  std::int64_t at = 0;
  std::int64_t until = 0;   // it runs no longer than that
  std::string user;         // "ada", "admin token"
  std::string model;        // which wanted it
  std::string chat_id;      // of the whole answer
  std::string request_id;   // of the model call that wanted it
  std::int64_t round = 1;   // of the chat
  std::string data_source;  // its name
  std::string kind;         // "sqlite", "postgresql"
  std::string tool;         // "query", "list_tables", "describe_table"
  std::string statement;
  std::string reason;  // in the model's words

  bool operator==(const Started&) const = default;
};

struct Finished {
  std::int64_t at = 0;
  Outcome outcome = Outcome::success;
  std::int64_t rows = 0;  // that were handed on
  std::int64_t bytes = 0;
  bool truncated = false;
  std::int64_t duration_us = 0;
  std::string error;        // empty: none
  std::string result_hash;  // SHA-256 of columns and rows, each with a line's end; hexadecimal

  bool operator==(const Finished&) const = default;
};

struct Record {
  std::int64_t id = 0;  // and the place of its first link
  Started started;
  std::string hash;  // of the first link
  Outcome outcome = Outcome::running;
  std::int64_t end_link = 0;  // the place of its second link; 0: it runs
  Finished finished;          // if it does not run
  std::string end_hash;
};

}  // namespace punctual::queryaudit
