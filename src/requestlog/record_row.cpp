#include "requestlog/record_row.hpp"

#include <algorithm>
#include <cmath>

#include "requestlog/plain_line.hpp"
#include "requestlog/record_members.hpp"
#include "requestlog/times.hpp"

namespace punctual::requestlog {

const std::string_view inserted_requests =
    "requests (started, ended, request_id, endpoint, provider, model, rule, status, outcome, limit_phase,"
    " limit_source, api_key, duration_us, first_token_us, prompt_tokens, completion_tokens, bytes, document)";

namespace {

constexpr std::size_t duration_column = 12;

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

storage::Value time_of(json::Element value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return {};
  return storage::optional_value(parse_rfc3339(text));
}

void read_member(std::vector<storage::Value>& row, std::string_view name, json::Element value) {
  const auto* const member = std::ranges::find(record_members, name, &RecordMember::name);
  if (member == record_members.end()) return;
  switch (member->kind) {
    case MemberKind::time:
      row[member->column] = time_of(value);
      return;
    case MemberKind::text:
      assign_text(row[member->column], value);
      return;
    case MemberKind::integer:
      row[member->column] = integer_of(value);
      return;
    case MemberKind::milliseconds:
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
  for (const std::size_t column : {2UZ, 3UZ, 4UZ, 5UZ, 6UZ, 8UZ, 9UZ, 10UZ, 11UZ, request_column::document})
    assign(row[column], {});
  for (const std::size_t column : {7UZ, duration_column})
    row[column] = std::int64_t{0};
  for (const std::size_t column : {request_column::started, 13UZ, 14UZ, 15UZ})
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
  clear(row);
  if (!read_plain_line(line, row)) {
    clear(row);
    if (auto done = read_any(line, row); !done) return done;
  }
  const auto* const started = std::get_if<std::int64_t>(&row[request_column::started]);
  if (!started) return std::unexpected("it has no time");
  row[request_column::ended] = *started + std::get<std::int64_t>(row[duration_column]);
  row[request_column::bytes] = stored_bytes(row);
  return {};
}

std::expected<void, std::string> RecordReader::read_any(std::string_view line,
                                                        std::vector<storage::Value>& row) {
  const auto document = reader_.read_copy(line);
  if (!document) return std::unexpected(document.error());
  simdjson::dom::object object;
  if (document->get(object) != simdjson::SUCCESS) return std::unexpected("it is no object");
  for (const auto [name, value] : object) {
    if (name == "attempts")
      assign_provider(row[request_column::provider], value);
    else
      read_member(row, name, value);
  }
  // NOT NULL columns that were given as another type.
  for (const std::size_t column : {7UZ, duration_column})
    if (std::holds_alternative<std::monostate>(row[column])) row[column] = std::int64_t{0};
  assign(row[request_column::document], line);
  return {};
}

}  // namespace punctual::requestlog
