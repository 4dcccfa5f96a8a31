// For tests: a stream through the translator, and its events as what they say.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "dialects/responses_answer.hpp"
#include "http/sse.hpp"

namespace punctual::dialects {

struct TranslatedStream {
  std::string text;
  bool whole = false;
};

inline AnswerContext responses_context() {
  AnswerContext context;
  context.request_id = "r1";
  context.model = "asked";
  context.created = 5;
  context.stream = true;
  context.repeated_members = R"("tools":[],"user":"u")";
  return context;
}

// At most `events_max` of the events.
inline TranslatedStream responses_of(std::string_view stream, std::size_t events_max = SIZE_MAX) {
  const auto answer = make_chat_to_responses_answer(responses_context());
  TranslatedStream translated;
  http::SseEvents events(stream);
  for (std::string_view event; events_max > 0 && events.next(event); --events_max)
    answer->event(event, translated.text);
  translated.whole = answer->end(translated.text);
  return translated;
}

inline std::vector<boost::json::object> responses_events(std::string_view stream) {
  std::vector<boost::json::object> all;
  http::SseEvents events(stream);
  std::string joined;
  for (std::string_view event; events.next(event);) {
    const auto fields = http::sse_fields(event, joined);
    all.push_back(boost::json::parse(fields.data).as_object());
    EXPECT_EQ(std::string_view(all.back().at("type").as_string()), fields.event);
  }
  return all;
}

}  // namespace punctual::dialects
