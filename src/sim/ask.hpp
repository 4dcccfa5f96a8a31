// What an answer depends on, read from a request's body.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "json/reader.hpp"
#include "sim/behaviour.hpp"
#include "sim/tool_script.hpp"

namespace punctual::sim {

enum class Operation : std::uint8_t { chat, completions, embeddings, messages };

struct Ask {
  Operation operation = Operation::chat;
  std::string model;  // as JSON text, quotes included
  Behaviour behaviour;
  bool stream = false;
  bool include_usage = false;   // of the stream
  bool length_reached = false;  // fewer tokens than the behaviour has, because the request wants no more
  std::uint64_t tokens = 0;     // to be generated
  std::uint64_t prompt_tokens = 0;

  std::vector<std::string> inputs;  // of an embedding; token lists as their JSON text
  std::uint64_t dimensions = 8;
  bool base64 = false;

  std::vector<ScriptedCall> calls;  // of tools, behind the tokens

  std::string echo;          // as JSON text; empty for none
  std::uint64_t number = 0;  // in the answer's id
  std::int64_t created = 0;  // seconds since 1970
};

struct Refusal {
  std::string message;
  std::string param;
  std::string code;
};

// `body` may grow in capacity. Prompt tokens are a quarter of the body's bytes, rounded up.
std::expected<Ask, Refusal> read_ask(json::Reader& reader, Operation operation, std::string& body);

}  // namespace punctual::sim
