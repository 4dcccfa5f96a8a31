// Random documents, cut into a stream as a vendor would, come back as they were.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dialects/assembler_testing.hpp"

namespace punctual::dialects {
namespace {

namespace bj = boost::json;

std::string random_text() {
  static const std::vector<std::string> pieces = {"a", " ", "\"", "\\", "\n", "ä", "🍀", "{\"", "\x01"};
  std::string text;
  for (const auto& piece : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)))
    text += piece;
  return text;
}

// Cut between characters of UTF-8, anywhere else.
std::vector<std::string> pieces_of(const std::string& text) {
  std::vector<std::string> pieces(1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool start = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    if (start && *rc::gen::inRange(0, 3) == 0) pieces.emplace_back();
    pieces.back().push_back(text[at]);
  }
  return pieces;
}

bj::object random_message() {
  bj::object message = {{"role", "assistant"}, {"content", nullptr}};
  if (*rc::gen::arbitrary<bool>()) message["content"] = random_text();
  if (*rc::gen::arbitrary<bool>()) message["refusal"] = random_text();
  if (*rc::gen::arbitrary<bool>()) message["reasoning_content"] = random_text();
  bj::array calls;
  for (int left = *rc::gen::inRange(0, 3); left > 0; --left) {
    calls.push_back(bj::object{{"id", "c" + std::to_string(left)},
                               {"type", "function"},
                               {"function", {{"name", "f"}, {"arguments", random_text()}}}});
  }
  if (!calls.empty()) message["tool_calls"] = calls;
  return message;
}

void append_chunk(std::string& stream, const bj::value& choice) {
  const bj::object chunk = {
      {"id", "c"}, {"object", "chat.completion.chunk"}, {"model", "m"}, {"choices", bj::array{choice}}};
  http::append_sse_event(stream, "", bj::serialize(chunk));
}

void append_choice(std::string& stream, const bj::object& choice) {
  const auto index = choice.at("index");
  const auto delta = [&](bj::object members) {
    append_chunk(stream,
                 bj::object{{"index", index}, {"delta", std::move(members)}, {"finish_reason", nullptr}});
  };
  for (const auto& [name, value] : choice.at("message").as_object()) {
    if (value.is_array()) {
      std::int64_t number = 0;
      for (bj::value call : value.as_array()) {
        const std::string arguments(call.at("function").at("arguments").as_string());
        call.as_object()["index"] = number;
        call.at("function").as_object()["arguments"] = "";
        delta({{"tool_calls", bj::array{call}}});
        for (const auto& piece : pieces_of(arguments)) {
          delta({{"tool_calls",
                  bj::array{bj::object{{"index", number}, {"function", bj::object{{"arguments", piece}}}}}}});
        }
        ++number;
      }
    } else if (value.is_string() && name != "role") {
      for (const auto& piece : pieces_of(std::string(value.as_string())))
        delta({{name, piece}});
    } else {
      delta({{name, value}});
    }
  }
  append_chunk(
      stream,
      bj::object{{"index", index}, {"delta", bj::object()}, {"finish_reason", choice.at("finish_reason")}});
}

RC_GTEST_PROP(AssemblerProperty, AChatComesBack, ()) {
  bj::object document = {{"id", "c"}, {"object", "chat.completion"}, {"model", "m"}};
  bj::array choices;
  std::string stream;
  const int count = *rc::gen::inRange(1, 4);
  for (int index = 0; index < count; ++index) {
    choices.push_back(bj::object{{"index", index}, {"message", random_message()}, {"finish_reason", "stop"}});
    append_choice(stream, choices.back().as_object());
  }
  document["choices"] = choices;
  const auto assembled = assemble(StreamKind::chat_completions, stream);
  RC_ASSERT(assembled.has_value());
  RC_ASSERT(bj::parse(*assembled) == bj::value(document));
}

RC_GTEST_PROP(AssemblerProperty, AMessageComesBack, ()) {
  bj::array content;
  std::string stream;
  const auto send = [&](const bj::object& event) {
    http::append_sse_event(stream, "", bj::serialize(event));
  };
  bj::object message = {{"id", "m"}, {"content", bj::array()}, {"usage", {{"input_tokens", 1}}}};
  send({{"type", "message_start"}, {"message", message}});
  for (int left = *rc::gen::inRange(0, 4); left > 0; --left) {
    const auto index = content.size();
    const bool text = *rc::gen::arbitrary<bool>();
    const std::string filled = text ? random_text() : bj::serialize(bj::object{{"a", random_text()}});
    bj::object block = text ? bj::object{{"type", "text"}, {"text", ""}}
                            : bj::object{{"type", "tool_use"}, {"id", "t"}, {"input", bj::object()}};
    send({{"type", "content_block_start"}, {"index", index}, {"content_block", block}});
    for (const auto& piece : pieces_of(filled)) {
      const bj::object delta = text ? bj::object{{"type", "text_delta"}, {"text", piece}}
                                    : bj::object{{"type", "input_json_delta"}, {"partial_json", piece}};
      send({{"type", "content_block_delta"}, {"index", index}, {"delta", delta}});
    }
    send({{"type", "content_block_stop"}, {"index", index}});
    if (text) {
      block["text"] = filled;
    } else {
      block["input"] = bj::parse(filled);
    }
    content.push_back(block);
  }
  send({{"type", "message_delta"},
        {"delta", {{"stop_reason", "end_turn"}}},
        {"usage", {{"output_tokens", 2}}}});
  send({{"type", "message_stop"}});
  message["content"] = content;
  message["stop_reason"] = "end_turn";
  message["usage"] = {{"input_tokens", 1}, {"output_tokens", 2}};
  const auto assembled = assemble(StreamKind::messages, stream);
  RC_ASSERT(assembled.has_value());
  RC_ASSERT(bj::parse(*assembled) == bj::value(message));
}

}  // namespace
}  // namespace punctual::dialects
