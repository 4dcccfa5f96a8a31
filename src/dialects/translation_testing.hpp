// What the tests of translations share: JSON to compare with, streams of events, what a translated stream
// says.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/translation.hpp"
#include "http/sse.hpp"

namespace punctual::dialects {

inline boost::json::value parsed(std::string_view text) {
  boost::system::error_code error;
  auto value = boost::json::parse(text, error);
  return error ? boost::json::value("not JSON: " + std::string(text)) : value;
}

// The data of all events, one a line; whether each event is whole is the reader's to see.
inline std::vector<std::string> data_of(std::string_view stream) {
  std::vector<std::string> all;
  http::SseEvents events(stream);
  std::string joined;
  for (std::string_view event; events.next(event);)
    all.emplace_back(http::sse_fields(event, joined).data);
  return all;
}

inline AnswerContext context() {
  AnswerContext context;
  context.request_id = "r1";
  context.model = "asked";
  context.created = 7;
  context.stream = true;
  context.include_usage = true;
  return context;
}

inline std::string translated(AnswerTranslator& translator, const std::vector<std::string>& data) {
  std::string out;
  for (const auto& line : data)
    translator.event("data: " + line + "\n\n", out);
  return out;
}

}  // namespace punctual::dialects
