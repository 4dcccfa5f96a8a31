// Random chat streams: nothing is lost on the way, and a stream that was cut is never told as whole.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "dialects/json_text.hpp"
#include "dialects/responses_testing.hpp"

namespace punctual::dialects {
namespace {

struct Sent {
  std::vector<std::string> events;
  std::string reasoning;
  std::string text;
  std::string refusal;
  std::map<int, std::string> arguments;
};

std::string random_text() {
  static const std::vector<std::string> pieces = {"a", " ",  "\"",  "\\",   "\n",
                                                  "ä", "🍀", "{\"", "\x01", "</s>"};
  std::string text;
  for (const auto& piece : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)))
    text += piece;
  return text;
}

std::string event_of(const std::string& delta, std::string_view finish = "null") {
  return R"(data: {"choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" + std::string(finish) +
         "}]}\n\n";
}

std::string text_delta(std::string_view name, std::string& all) {
  const std::string piece = random_text();
  all += piece;
  std::string delta = "{";
  append_member(delta, name, piece);
  return delta + "}";
}

std::string call_delta(Sent& sent) {
  const int index = *rc::gen::inRange(0, 4);
  const bool first = !sent.arguments.contains(index);
  const std::string piece = random_text();
  sent.arguments[index] += piece;
  std::string delta = R"({"tool_calls":[{"index":)" + std::to_string(index);
  if (first) append_member(delta, "id", std::string_view("call" + std::to_string(index)));
  append_key(delta, "function");
  delta.push_back('{');
  if (first) append_member(delta, "name", "f");
  append_member(delta, "arguments", piece);
  return delta + "}}]}";
}

Sent random_stream() {
  Sent sent;
  for (int left = *rc::gen::inRange(0, 20); left > 0; --left) {
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        sent.events.push_back(event_of(text_delta("reasoning_content", sent.reasoning)));
        break;
      case 1:
        sent.events.push_back(event_of(text_delta("refusal", sent.refusal)));
        break;
      case 2:
        sent.events.push_back(event_of(call_delta(sent)));
        break;
      default:
        sent.events.push_back(event_of(text_delta("content", sent.text)));
    }
  }
  sent.events.push_back(event_of("{}", "\"stop\""));
  return sent;
}

// What a client puts together of the deltas, and what the items say in the end.
struct Got {
  std::map<std::string, std::string> deltas;  // by type; of calls by their id too
  std::map<std::string, std::string> whole;
};

Got received(const std::vector<boost::json::object>& events) {
  Got got;
  std::map<std::int64_t, std::string> calls;
  for (const auto& event : events) {
    const std::string type(event.at("type").as_string());
    if (type == "response.output_item.added" && event.at("item").at("type") == "function_call")
      calls[event.at("output_index").as_int64()] = event.at("item").at("call_id").as_string();
    if (!event.contains("delta")) continue;
    const auto call = calls.find(event.at("output_index").as_int64());
    got.deltas[call == calls.end() ? type : call->second] += event.at("delta").as_string();
  }
  for (const auto& item : events.back().at("response").at("output").as_array()) {
    if (item.at("type") == "function_call") {
      got.whole[std::string(item.at("call_id").as_string())] += item.at("arguments").as_string();
      continue;
    }
    for (const auto& part : item.at("content").as_array()) {
      const bool refusal = part.at("type") == "refusal";
      const std::string name(part.at("type").as_string());
      got.whole["response." + name + ".delta"] += part.at(refusal ? "refusal" : "text").as_string();
    }
  }
  return got;
}

std::map<std::string, std::string> expected_of(const Sent& sent) {
  std::map<std::string, std::string> all = {{"response.reasoning_text.delta", sent.reasoning},
                                            {"response.output_text.delta", sent.text},
                                            {"response.refusal.delta", sent.refusal}};
  for (const auto& [index, arguments] : sent.arguments)
    all["call" + std::to_string(index)] = arguments;
  std::erase_if(all, [](const auto& entry) { return entry.second.empty(); });
  return all;
}

RC_GTEST_PROP(ResponsesProperty, NothingIsLost, ()) {
  const Sent sent = random_stream();
  std::string stream;
  for (const auto& event : sent.events)
    stream += event;
  const auto translated = responses_of(stream);
  RC_ASSERT(translated.whole);
  Got got = received(responses_events(translated.text));
  std::erase_if(got.whole, [](const auto& entry) { return entry.second.empty(); });
  RC_ASSERT(got.deltas == expected_of(sent));
  RC_ASSERT(got.whole == expected_of(sent));
}

RC_GTEST_PROP(ResponsesProperty, ACutStreamIsNeverWhole, ()) {
  const Sent sent = random_stream();
  std::string stream;
  for (const auto& event : sent.events)
    stream += event;
  const std::size_t cut = *rc::gen::inRange<std::size_t>(0, sent.events.size());
  const auto translated = responses_of(stream, cut);
  RC_ASSERT(!translated.whole);
  RC_ASSERT(!translated.text.contains("event: response.completed"));
}

}  // namespace
}  // namespace punctual::dialects
