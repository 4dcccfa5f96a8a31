#include "requestlog/record_row.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "requestlog/times.hpp"

namespace punctual::requestlog {

const std::string_view insert_request_sql =
    "INSERT INTO requests (started, ended, request_id, endpoint, provider, model, rule, status, outcome,"
    " limit_phase, limit_source, api_key, duration_us, first_token_us, prompt_tokens, completion_tokens,"
    " bytes, document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
    " $18)";

namespace {

enum class Kind : std::uint8_t { text, integer, milliseconds };

struct Member {
  std::string_view name;
  std::size_t column;
  Kind kind;
};

constexpr std::size_t provider_column = 4;
constexpr std::size_t duration_column = 12;

constexpr std::array<Member, 13> members = {{
    {"request_id", request_column::request_id, Kind::text},
    {"endpoint", 3, Kind::text},
    {"model", 5, Kind::text},
    {"rule", 6, Kind::text},
    {"status", 7, Kind::integer},
    {"outcome", 8, Kind::text},
    {"limit", 9, Kind::text},
    {"limit_source", 10, Kind::text},
    {"api_key", 11, Kind::text},
    {"duration_ms", duration_column, Kind::milliseconds},
    {"first_token_ms", 13, Kind::milliseconds},
    {"prompt_tokens", 14, Kind::integer},
    {"completion_tokens", 15, Kind::integer},
}};

std::string text_of(json::Element value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return {};
  return storage::is_storable_text(text) ? std::string(text) : storage::storable_text(text);
}

storage::Value integer_of(json::Element value) {
  std::int64_t number = 0;
  if (value.get(number) != simdjson::SUCCESS) return {};
  return number;
}

storage::Value microseconds_of(json::Element value) {
  double number = 0;
  if (value.get(number) != simdjson::SUCCESS || !(std::abs(number) < 1e15)) return {};
  return static_cast<std::int64_t>(std::llround(number * 1000));
}

void read_member(std::vector<storage::Value>& row, std::string_view name, json::Element value) {
  const auto* const member = std::ranges::find(members, name, &Member::name);
  if (member == members.end()) return;
  switch (member->kind) {
    case Kind::text:
      row[member->column] = text_of(value);
      return;
    case Kind::integer:
      row[member->column] = integer_of(value);
      return;
    case Kind::milliseconds:
      row[member->column] = microseconds_of(value);
      return;
  }
}

// Of the last attempt.
std::string provider_of(json::Element attempts) {
  simdjson::dom::array array;
  if (attempts.get(array) != simdjson::SUCCESS) return {};
  std::string provider;
  for (const auto attempt : array) {
    json::Element name;
    if (attempt["provider"].get(name) == simdjson::SUCCESS) provider = text_of(name);
  }
  return provider;
}

std::vector<storage::Value> empty_row() {
  std::vector<storage::Value> row(request_column::count);
  for (const std::size_t column : {2UZ, 3UZ, 4UZ, 5UZ, 6UZ, 8UZ, 9UZ, 10UZ, 11UZ})
    row[column] = std::string();
  row[7] = std::int64_t{0};
  row[duration_column] = std::int64_t{0};
  return row;
}

// About what the row takes in the database: its texts, its numbers, and its place in the indexes.
std::int64_t stored_bytes(const std::vector<storage::Value>& row) {
  constexpr std::size_t numbers_and_indexes = 200;
  std::size_t bytes = numbers_and_indexes;
  for (const auto& value : row)
    if (const auto* const text = std::get_if<std::string>(&value)) bytes += text->size();
  return static_cast<std::int64_t>(bytes);
}

}  // namespace

std::expected<std::vector<storage::Value>, std::string> RecordReader::read(std::string_view line) {
  const auto document = reader_.read_copy(line);
  if (!document) return std::unexpected(document.error());
  simdjson::dom::object object;
  if (document->get(object) != simdjson::SUCCESS) return std::unexpected("it is no object");
  auto row = empty_row();
  std::optional<std::int64_t> started;
  for (const auto [name, value] : object) {
    std::string_view text;
    if (name == "time" && value.get(text) == simdjson::SUCCESS)
      started = parse_rfc3339(text);
    else if (name == "attempts")
      row[provider_column] = provider_of(value);
    else
      read_member(row, name, value);
  }
  if (!started) return std::unexpected("it has no time");
  // NOT NULL columns that were given as another type.
  for (const std::size_t column : {std::size_t{7}, duration_column})
    if (std::holds_alternative<std::monostate>(row[column])) row[column] = std::int64_t{0};
  row[request_column::started] = *started;
  row[request_column::ended] = *started + std::get<std::int64_t>(row[duration_column]);
  row[request_column::document] = std::string(line);
  row[request_column::bytes] = stored_bytes(row);
  return row;
}

}  // namespace punctual::requestlog
