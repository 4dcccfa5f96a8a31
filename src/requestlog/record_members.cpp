#include "requestlog/record_members.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

#include "base/decimal.hpp"
#include "requestlog/times.hpp"

namespace punctual::requestlog {

namespace {

void append_text(std::string& out, std::string_view text) {
  out.append("\"").append(text).append("\"");
}

void append_number(std::string& out, std::int64_t number) {
  fmt::format_to(std::back_inserter(out), "{}", number);
}

void append_duration(std::string& out, std::int64_t microseconds) {
  base::append_milliseconds(out, std::chrono::microseconds(microseconds));
}

void append_value(std::string& out, std::size_t column, const Entry& entry) {
  switch (column) {
    case 0:
      return append_text(out, rfc3339(entry.started));
    case 2:
      return append_text(out, entry.request_id);
    case 3:
      return append_text(out, entry.endpoint);
    case 5:
      return append_text(out, entry.model);
    case 6:
      return append_text(out, entry.rule);
    case 7:
      return append_number(out, entry.status);
    case 8:
      return append_text(out, entry.outcome);
    case 9:
      return append_text(out, entry.limit_phase);
    case 10:
      return append_text(out, entry.limit_source);
    case 11:
      return append_text(out, entry.api_key);
    case 12:
      return append_duration(out, entry.duration_us);
    case 13:
      return append_duration(out, entry.first_token_us.value_or(0));
    case 14:
      return append_number(out, entry.prompt_tokens.value_or(0));
    case 15:
      return append_number(out, entry.completion_tokens.value_or(0));
    default:
      return;
  }
}

}  // namespace

void append_whole(std::string& out, std::string_view document, const Entry& entry) {
  while (!document.empty()) {
    std::size_t place = 0;
    std::size_t member = record_members.size();
    for (; place < document.size(); ++place) {
      member = static_cast<std::size_t>(static_cast<unsigned char>(document[place])) -
               static_cast<std::size_t>(first_mark);
      if (member < record_members.size()) break;
    }
    out.append(document.substr(0, place));
    if (place == document.size()) return;
    append_text(out, record_members[member].name);
    out.push_back(':');
    append_value(out, record_members[member].column, entry);
    document.remove_prefix(place + 1);
  }
}

}  // namespace punctual::requestlog
