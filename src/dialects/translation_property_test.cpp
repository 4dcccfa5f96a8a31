// Random streams: what a translation says is what was said to it, wherever the stream is cut.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "dialects/json_text.hpp"
#include "dialects/translation_testing.hpp"

namespace punctual::dialects {
namespace {

// What a stream has said. Calls in the order of their beginning.
struct Said {
  std::string text;
  std::string reasoning;
  std::vector<std::string> arguments;
  bool ended = false;
  bool operator==(const Said&) const = default;
};

std::string as_json(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

// From 0 on; not the small ones that the first cases of a property prefer.
std::size_t below(std::size_t end) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, end));
}

std::string random_text() {
  static const std::vector<std::string> pieces = {
      "a",    "\"",    "\\", "\n", "é", "😀", "{", "}", "[", "data: ", ":", " ", "\t", std::string(1, '\0'),
      "\x7f", "\u2028"};
  std::string text;
  for (auto count = below(6); count > 0; --count)
    text += *rc::gen::elementOf(pieces);
  return text;
}

// The text of a JSON object, cut to pieces.
std::vector<std::string> random_arguments() {
  std::string whole = "{\"k\":" + as_json(random_text()) + ",\"l\":[{}]}";
  std::vector<std::string> pieces;
  while (!whole.empty()) {
    auto size = 1 + below(11);
    // Not within a character: an event is UTF-8.
    while (size < whole.size() && (static_cast<unsigned char>(whole[size]) & 0xc0) == 0x80)
      ++size;
    pieces.push_back(whole.substr(0, size));
    whole.erase(0, size);
  }
  return pieces;
}

struct Stream {
  std::vector<std::string> events;  // data
  Said said;
  std::size_t whole_at = 0;  // events from which on it is whole
};

std::string chunk(std::string_view delta, std::string_view finish = "null") {
  return R"({"id":"c","choices":[{"index":0,"delta":)" + std::string(delta) + R"(,"finish_reason":)" +
         std::string(finish) + "}]}";
}

Stream random_chat_stream() {
  Stream stream;
  std::vector<std::vector<std::string>> calls;
  const auto piece_of_call = [&](std::size_t call) {
    const std::string piece = calls[call].front();
    calls[call].erase(calls[call].begin());
    stream.said.arguments[call] += piece;
    const std::string index = R"({"tool_calls":[{"index":)" + std::to_string(call);
    stream.events.push_back(chunk(index + R"(,"function":{"arguments":)" + as_json(piece) + "}}]}"));
  };
  for (auto count = below(20); count > 0; --count) {
    const auto kind = below(6);
    if (kind == 0) {
      const auto text = random_text();
      stream.said.reasoning += text;
      stream.events.push_back(chunk(R"({"reasoning_content":)" + as_json(text) + "}"));
    } else if (kind <= 2) {
      const auto text = random_text();
      stream.said.text += text;
      stream.events.push_back(chunk(R"({"content":)" + as_json(text) + "}"));
    } else if (kind == 3) {
      const auto number = std::to_string(calls.size());
      stream.events.push_back(chunk(R"({"tool_calls":[{"index":)" + number + R"(,"id":"i)" + number +
                                    R"(","function":{"name":"f","arguments":""}}]})"));
      calls.push_back(random_arguments());
      stream.said.arguments.emplace_back();
    } else if (!calls.empty()) {
      const auto call = below(calls.size());
      if (!calls[call].empty()) piece_of_call(call);
    }
  }
  for (std::size_t call = 0; call < calls.size(); ++call) {
    while (!calls[call].empty())
      piece_of_call(call);
  }
  stream.events.push_back(chunk("{}", "\"stop\""));
  stream.whole_at = stream.events.size();
  if (*rc::gen::arbitrary<bool>())
    stream.events.emplace_back(R"({"choices":[],"usage":{"prompt_tokens":1}})");
  stream.events.emplace_back("[DONE]");
  return stream;
}

Stream random_messages_stream() {
  Stream stream;
  stream.events.emplace_back(
      R"({"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":1}}})");
  const auto delta = [&](std::string_view type, std::string_view key, std::string_view text) {
    stream.events.push_back(R"({"type":"content_block_delta","index":0,"delta":{"type":")" +
                            std::string(type) + R"(",")" + std::string(key) + "\":" + as_json(text) + "}}");
  };
  for (auto count = below(6); count > 0; --count) {
    const auto kind = below(3);
    const char* const types[] = {R"("text","text":"")", R"("thinking","thinking":"")",
                                 R"("tool_use","id":"t","name":"f","input":{})"};
    stream.events.push_back(R"({"type":"content_block_start","index":0,"content_block":{"type":)" +
                            std::string(types[kind]) + "}}");
    if (kind == 2) {
      stream.said.arguments.emplace_back();
      for (const auto& piece : random_arguments()) {
        delta("input_json_delta", "partial_json", piece);
        stream.said.arguments.back() += piece;
      }
    } else {
      for (auto pieces = below(4); pieces > 0; --pieces) {
        const auto text = random_text();
        delta(kind == 0 ? "text_delta" : "thinking_delta", kind == 0 ? "text" : "thinking", text);
        (kind == 0 ? stream.said.text : stream.said.reasoning) += text;
      }
    }
    stream.events.emplace_back(R"({"type":"content_block_stop","index":0})");
  }
  stream.events.emplace_back(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})");
  stream.events.emplace_back(R"({"type":"message_stop"})");
  stream.whole_at = stream.events.size();
  return stream;
}

// Blocks must come one after another, each opened and closed once.
Said said_by_messages(std::string_view out) {
  Said said;
  std::int64_t blocks = 0;
  bool open = false;
  for (const auto& data : data_of(out)) {
    RC_ASSERT(!said.ended);
    const auto event = parsed(data).as_object();
    const std::string_view type(event.at("type").as_string());
    if (type == "content_block_start") {
      RC_ASSERT(!open && event.at("index") == blocks);
      open = true;
      if (event.at("content_block").at("type") == "tool_use") said.arguments.emplace_back();
    } else if (type == "content_block_delta") {
      RC_ASSERT(open && event.at("index") == blocks);
      const auto& delta = event.at("delta").as_object();
      if (delta.contains("text")) said.text += delta.at("text").as_string();
      if (delta.contains("thinking")) said.reasoning += delta.at("thinking").as_string();
      if (delta.contains("partial_json")) said.arguments.back() += delta.at("partial_json").as_string();
    } else if (type == "content_block_stop") {
      RC_ASSERT(open && event.at("index") == blocks);
      open = false;
      ++blocks;
    } else if (type == "message_stop") {
      said.ended = true;
    }
  }
  RC_ASSERT(!said.ended || !open);
  return said;
}

Said said_by_chat(std::string_view out) {
  Said said;
  for (const auto& data : data_of(out)) {
    RC_ASSERT(!said.ended);
    if (data == "[DONE]") {
      said.ended = true;
      continue;
    }
    const auto chunk_said = parsed(data);
    for (const auto& choice : chunk_said.at("choices").as_array()) {
      const auto& delta = choice.at("delta").as_object();
      if (delta.contains("content")) said.text += delta.at("content").as_string();
      if (delta.contains("reasoning_content")) said.reasoning += delta.at("reasoning_content").as_string();
      if (!delta.contains("tool_calls")) continue;
      const auto& call = delta.at("tool_calls").at(0);
      const auto index = static_cast<std::size_t>(call.at("index").as_int64());
      if (index == said.arguments.size()) said.arguments.emplace_back();
      RC_ASSERT(index < said.arguments.size());
      said.arguments[index] += call.at("function").at("arguments").as_string();
    }
  }
  return said;
}

void check(Format upstream, Format client, Stream stream, Said (*said_by)(std::string_view)) {
  const auto cut = below(2) == 0 ? below(stream.events.size() + 1) : stream.events.size();
  stream.events.resize(cut);
  const auto translator = make_answer_translator(upstream, client, context());
  std::string out = translated(*translator, stream.events);
  const auto before_end = out.size();
  const bool whole = translator->end(out);
  RC_ASSERT(whole == (cut >= stream.whole_at));
  RC_ASSERT(whole || out.size() == before_end);
  const Said said = said_by(out);
  RC_ASSERT(said.ended == whole);
  if (!whole) return;
  stream.said.ended = true;
  RC_ASSERT(said.text == stream.said.text);
  RC_ASSERT(said.reasoning == stream.said.reasoning);
  RC_ASSERT(said.arguments == stream.said.arguments);
}

RC_GTEST_PROP(TranslationProperty, ChatSaysTheSameAsMessages, ()) {
  check(Format::chat_completions, Format::messages, random_chat_stream(), said_by_messages);
}

RC_GTEST_PROP(TranslationProperty, MessagesSaysTheSameAsChat, ()) {
  check(Format::messages, Format::chat_completions, random_messages_stream(), said_by_chat);
}

}  // namespace
}  // namespace punctual::dialects
