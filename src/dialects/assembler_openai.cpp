#include "dialects/assembler_openai.hpp"

#include <algorithm>
#include <utility>

#include "dialects/json_text.hpp"
#include "dialects/request_writing.hpp"

namespace punctual::dialects {

namespace {

// The element with this index, made in its place where it is new. Streams go on with the last one mostly.
template <class Indexed>
Indexed& at_index(std::vector<Indexed>& all, std::int64_t index) {
  if (!all.empty() && all.back().index == index) return all.back();
  const auto place = std::ranges::lower_bound(all, index, {}, &Indexed::index);
  if (place != all.end() && place->index == index) return *place;
  Indexed made;
  made.index = index;
  return *all.insert(place, std::move(made));
}

}  // namespace

bool OpenAiAssembler::unlike(std::string_view member) {
  return fail("a `" + std::string(member) + "` that goes on as another type");
}

bool OpenAiAssembler::take(const simdjson::dom::object& event) {
  for (const auto [key, value] : event) {
    if (key == "choices") {
      simdjson::dom::array choices;
      if (value.get(choices)) return fail("`choices` that are " + described(value));
      for (const auto choice : choices)
        if (!take_choice(choice)) return false;
    } else if (key != "obfuscation" && key != "prompt_progress" && key != "object") {
      members_.set(key, value);
    }
  }
  return true;
}

bool OpenAiAssembler::take_choice(const json::Element& value) {
  simdjson::dom::object members;
  if (value.get(members)) return fail("a choice that is " + described(value));
  std::int64_t index = 0;
  json::Element given;
  if (!members["index"].get(given) && (given.get(index) || index < 0 || index >= choices_max))
    return fail("a choice whose `index` is no number from 0 to 255");
  Choice& choice = at_index(choices_, index);
  const std::size_t before = choice.members.bytes() + choice.message.bytes();
  for (const auto [key, member] : members)
    if (!take_choice_member(choice, key, member)) return false;
  inner_bytes_ += choice.members.bytes() + choice.message.bytes() - before;
  return true;
}

bool OpenAiAssembler::take_choice_member(Choice& choice, std::string_view key, const json::Element& value) {
  if (key == "index") return true;
  if (key == "delta" && chat_) return take_delta(choice, value);
  if (key == "text" && !chat_) return choice.members.append(key, value) || unlike(key);
  if (key == "logprobs") return choice.members.append_object(key, value) || unlike(key);
  choice.members.set(key, value);
  return true;
}

bool OpenAiAssembler::take_delta(Choice& choice, const json::Element& value) {
  simdjson::dom::object delta;
  if (value.is_null()) return true;
  if (value.get(delta)) return fail("a `delta` that is " + described(value));
  for (const auto [key, member] : delta) {
    bool alike = true;
    if (key == "tool_calls") {
      if (!take_calls(choice, member)) return false;
    } else if (key == "role") {
      choice.message.keep_first(key, member);
    } else if (key == "function_call") {
      alike = choice.message.append_object(key, member, {"name"});
    } else if (key == "audio") {
      alike = choice.message.append_object(key, member, {"id"});
    } else {
      alike = choice.message.append(key, member);
    }
    if (!alike) return unlike(key);
  }
  return true;
}

bool OpenAiAssembler::take_calls(Choice& choice, const json::Element& value) {
  simdjson::dom::array calls;
  if (value.is_null()) return true;
  if (value.get(calls)) return fail("`tool_calls` that are " + described(value));
  for (const auto call : calls)
    if (!take_call(choice, call)) return false;
  return true;
}

bool OpenAiAssembler::take_call(Choice& choice, const json::Element& value) {
  simdjson::dom::object call;
  if (value.get(call)) return fail("a tool call that is " + described(value));
  std::int64_t index = 0;
  json::Element given;
  if (!call["index"].get(given)) {
    if (given.get(index) || index < 0 || index >= calls_max)
      return fail("a tool call whose `index` is no number from 0 to 1023");
  } else if (!choice.calls.empty()) {
    // Some servers send whole calls and do not number them; then a new id is a new call.
    const auto id = text_at(call, "id");
    std::string escaped;
    append_escaped(escaped, id);
    index = choice.calls.back().index;
    if (!id.empty() && escaped != choice.calls.back().members.string("id")) ++index;
    if (index >= calls_max) return fail("more than 1024 tool calls");
  }
  AssembledMembers& members = at_index(choice.calls, index).members;
  const std::size_t before = members.bytes();
  bool alike = true;
  for (const auto [key, member] : call) {
    if (key == "index") continue;
    if (key == "function" || key == "custom") {
      alike = alike && members.append_object(key, member, {"name"});
    } else {
      members.keep_first(key, member);
    }
  }
  inner_bytes_ += members.bytes() - before;
  return alike || unlike("tool_calls");
}

bool OpenAiAssembler::whole() const {
  if (choices_.empty()) return false;
  return done() || std::ranges::all_of(choices_, [](const Choice& choice) {
           return !choice.members.string("finish_reason").empty();
         });
}

void OpenAiAssembler::write_choice(std::string& out, const Choice& choice) const {
  AssembledMembers members = choice.members;
  std::string text = "null";
  if (chat_) {
    AssembledMembers message = choice.message;
    if (!message.has("role")) message.set_text("role", R"("assistant")");
    message.expect("content");
    if (!choice.calls.empty()) {
      text = "[";
      for (const auto& call : choice.calls) {
        if (text.size() > 1) text.push_back(',');
        call.members.write(text);
      }
      message.set_text("tool_calls", text + "]");
    }
    text.clear();
    message.write(text);
    members.set_text("message", std::move(text));
  }
  members.expect("finish_reason");
  members.set_text("index", std::to_string(choice.index));
  members.write(out);
}

bool OpenAiAssembler::write(std::string& out) {
  std::string choices = "[";
  for (const auto& choice : choices_) {
    if (choices.size() > 1) choices.push_back(',');
    write_choice(choices, choice);
  }
  AssembledMembers members = members_;
  members.set_text("object", chat_ ? R"("chat.completion")" : R"("text_completion")");
  members.set_text("choices", choices + "]");
  members.write(out);
  return true;
}

}  // namespace punctual::dialects
