#include "sim/ask.hpp"

#include <algorithm>

#include "json/splice.hpp"

namespace punctual::sim {

namespace {

using simdjson::dom::array;
using simdjson::dom::object;

constexpr std::uint64_t dimensions_max = 4096;
constexpr std::size_t inputs_max = 2048;

Refusal invalid(std::string message, std::string param) {
  return {std::move(message), std::move(param), "invalid_value"};
}

bool flag(const object& in, const char* key) {
  bool value = false;
  return !in[key].get(value) && value;
}

void cap_tokens(const object& body, Ask& ask) {
  ask.tokens = ask.behaviour.tokens;
  for (const char* key : {"max_tokens", "max_completion_tokens"}) {
    std::uint64_t most = 0;
    if (body[key].get(most) || most >= ask.tokens) continue;
    ask.tokens = most;
    ask.length_reached = true;
  }
}

// What is called is up to the user; who offers no tools gets words.
void read_turn(const object& body, Ask& ask) {
  array tools;
  array messages;
  if (!ask.behaviour.sql || ask.operation != Operation::chat || body["tools"].get(tools) ||
      tools.size() == 0 || body["messages"].get(messages))
    return;
  auto turn = next_turn(messages, ask.behaviour.rounds);
  ask.calls = std::move(turn.calls);
  if (ask.calls.empty()) ask.echo = json::quoted(turn.answer);
}

std::string input_text(const json::Element& input) {
  std::string_view text;
  return input.get(text) ? std::string(simdjson::minify(input)) : std::string(text);
}

std::optional<Refusal> read_inputs(const object& body, Ask& ask) {
  json::Element input;
  if (body["input"].get(input)) return invalid("The member \"input\" is missing.", "input");
  array several;
  if (input.get(several)) {
    ask.inputs.push_back(input_text(input));
  } else if (several.size() > 0 && several.at(0).is_number()) {
    ask.inputs.push_back(simdjson::minify(input));
  } else {
    if (several.size() > inputs_max) return invalid("There are more than 2048 inputs.", "input");
    for (const auto one : several)
      ask.inputs.push_back(input_text(one));
  }
  if (!body["dimensions"].get(ask.dimensions) && (ask.dimensions == 0 || ask.dimensions > dimensions_max)) {
    return invalid("The dimensions must be from 1 to 4096.", "dimensions");
  }
  std::string_view format;
  ask.base64 = !body["encoding_format"].get(format) && format == "base64";
  return std::nullopt;
}

}  // namespace

std::expected<Ask, Refusal> read_ask(json::Reader& reader, Operation operation, std::string& body) {
  const std::size_t size = body.size();
  const auto document = reader.read(body);
  if (!document) return std::unexpected(invalid("The body is not JSON: " + document.error(), ""));
  object members;
  if (document->get(members)) return std::unexpected(invalid("The body is not a JSON object.", ""));
  std::string_view model;
  if (members["model"].get(model)) {
    return std::unexpected(invalid("The member \"model\" is missing, or no string.", "model"));
  }
  auto behaviour = parse_behaviour(model);
  if (!behaviour) return std::unexpected(Refusal{behaviour.error(), "model", "unknown_option"});

  Ask ask;
  ask.operation = operation;
  ask.model = json::quoted(model);
  ask.behaviour = *behaviour;
  ask.prompt_tokens = (size + 3) / 4;
  if (operation == Operation::embeddings) {
    auto refusal = read_inputs(members, ask);
    if (refusal) return std::unexpected(std::move(*refusal));
    return ask;
  }
  ask.stream = flag(members, "stream");
  object stream_options;
  ask.include_usage = !members["stream_options"].get(stream_options) && flag(stream_options, "include_usage");
  if (ask.behaviour.usage) ask.include_usage = *ask.behaviour.usage;
  cap_tokens(members, ask);
  read_turn(members, ask);
  return ask;
}

}  // namespace punctual::sim
