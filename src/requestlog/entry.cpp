#include "requestlog/entry.hpp"

#include "requestlog/times.hpp"

namespace punctual::requestlog {

Entry entry_of(storage::Row row, std::size_t first) {
  Entry entry;
  entry.id = row.integer(first);
  entry.started = row.integer(first + 1);
  entry.ended = row.integer(first + 2);
  entry.request_id = row.text(first + 3);
  entry.endpoint = row.text(first + 4);
  entry.provider = row.text(first + 5);
  entry.model = row.text(first + 6);
  entry.rule = row.text(first + 7);
  entry.status = row.integer(first + 8);
  entry.outcome = row.text(first + 9);
  entry.limit_phase = row.text(first + 10);
  entry.limit_source = row.text(first + 11);
  entry.api_key = row.text(first + 12);
  entry.duration_us = row.integer(first + 13);
  entry.first_token_us = row.optional_integer(first + 14);
  entry.prompt_tokens = row.optional_integer(first + 15);
  entry.completion_tokens = row.optional_integer(first + 16);
  return entry;
}

boost::json::object to_json(const Entry& entry) {
  boost::json::object object;
  object["id"] = entry.id;
  object["time"] = rfc3339(entry.started);
  object["ended"] = rfc3339(entry.ended);
  const auto text = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) object[name] = value;
  };
  text("request_id", entry.request_id);
  text("endpoint", entry.endpoint);
  text("provider", entry.provider);
  text("model", entry.model);
  text("rule", entry.rule);
  object["status"] = entry.status;
  text("outcome", entry.outcome);
  text("limit", entry.limit_phase);
  text("limit_source", entry.limit_source);
  text("api_key", entry.api_key);
  object["duration_ms"] = milliseconds(entry.duration_us);
  if (entry.first_token_us) object["first_token_ms"] = milliseconds(*entry.first_token_us);
  if (entry.prompt_tokens) object["prompt_tokens"] = *entry.prompt_tokens;
  if (entry.completion_tokens) object["completion_tokens"] = *entry.completion_tokens;
  return object;
}

}  // namespace punctual::requestlog
