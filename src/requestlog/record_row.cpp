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

// Into the memory that the column has from an earlier row.
void assign(storage::Value& column, std::string_view text) {
  if (auto* const kept = std::get_if<std::string>(&column))
    kept->assign(text);
  else
    column = std::string(text);
}

void assign_text(storage::Value& column, json::Element value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return;
  if (storage::is_storable_text(text))
    assign(column, text);
  else
    column = storage::storable_text(text);
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
      assign_text(row[member->column], value);
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
void assign_provider(storage::Value& column, json::Element attempts) {
  simdjson::dom::array array;
  if (attempts.get(array) != simdjson::SUCCESS) return;
  for (const auto attempt : array) {
    json::Element name;
    if (attempt["provider"].get(name) == simdjson::SUCCESS) assign_text(column, name);
  }
}

void clear(std::vector<storage::Value>& row) {
  row.resize(request_column::count);
  for (const std::size_t column : {2UZ, 3UZ, 4UZ, 5UZ, 6UZ, 8UZ, 9UZ, 10UZ, 11UZ})
    assign(row[column], {});
  for (const std::size_t column : {7UZ, duration_column})
    row[column] = std::int64_t{0};
  for (const std::size_t column : {13UZ, 14UZ, 15UZ})
    row[column] = std::monostate();
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
  std::vector<storage::Value> row;
  if (auto done = read_into(line, row); !done) return std::unexpected(std::move(done.error()));
  return row;
}

std::expected<void, std::string> RecordReader::read_into(std::string_view line,
                                                         std::vector<storage::Value>& row) {
  const auto document = reader_.read_copy(line);
  if (!document) return std::unexpected(document.error());
  simdjson::dom::object object;
  if (document->get(object) != simdjson::SUCCESS) return std::unexpected("it is no object");
  clear(row);
  std::optional<std::int64_t> started;
  for (const auto [name, value] : object) {
    std::string_view text;
    if (name == "time" && value.get(text) == simdjson::SUCCESS)
      started = parse_rfc3339(text);
    else if (name == "attempts")
      assign_provider(row[provider_column], value);
    else
      read_member(row, name, value);
  }
  if (!started) return std::unexpected("it has no time");
  // NOT NULL columns that were given as another type.
  for (const std::size_t column : {7UZ, duration_column})
    if (std::holds_alternative<std::monostate>(row[column])) row[column] = std::int64_t{0};
  row[request_column::started] = *started;
  row[request_column::ended] = *started + std::get<std::int64_t>(row[duration_column]);
  assign(row[request_column::document], line);
  row[request_column::bytes] = stored_bytes(row);
  return {};
}

}  // namespace punctual::requestlog
