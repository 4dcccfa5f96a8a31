// A row of the table `requests` as it is listed: everything but the document. Plain values; times are
// microseconds since the epoch. Text is empty where there was nothing to say.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/value.hpp"

namespace punctual::requestlog {

struct Entry {
  std::int64_t id = 0;
  std::int64_t started = 0;
  std::int64_t ended = 0;
  std::string request_id;
  std::string endpoint;
  std::string provider;  // of the last attempt
  std::string model;
  std::string rule;
  std::int64_t status = 0;  // 0: nothing was sent
  std::string outcome;
  std::string limit_phase;
  std::string limit_source;
  std::string api_key;
  std::int64_t duration_us = 0;
  std::optional<std::int64_t> first_token_us;
  std::optional<std::int64_t> prompt_tokens;
  std::optional<std::int64_t> completion_tokens;
};

// What a SELECT must ask for, in the order that `entry_of` reads from `first` on.
inline constexpr std::string_view entry_columns =
    "id, started, ended, request_id, endpoint, provider, model, rule, status, outcome, limit_phase,"
    " limit_source, api_key, duration_us, first_token_us, prompt_tokens, completion_tokens";
inline constexpr std::size_t entry_column_count = 17;

Entry entry_of(storage::Row row, std::size_t first = 0);

// With the names and units of the log's lines: times RFC 3339, durations in milliseconds.
boost::json::object to_json(const Entry& entry);

}  // namespace punctual::requestlog
