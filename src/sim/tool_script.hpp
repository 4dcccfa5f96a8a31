// A model that asks a database, as far as one without a mind can: which tools it calls, round after round, is
// written in the user's message.
//
// Each block ```sql ... ``` of the last message of the user is a call of `query`, each ```tool NAME ... ```
// one of NAME with the block's text as its arguments, whatever that is. A block is a round of its own; `also`
// behind the first words puts it into the round of the one before. Without blocks it looks around:
// list_tables, then describe_table of the first one, then how many rows that has. When all is called, the
// answer is what the tools of the last round said.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/reader.hpp"

namespace punctual::sim {

struct ScriptedCall {
  std::string name;
  std::string arguments;
};

struct Turn {
  std::vector<ScriptedCall> calls;  // empty: `answer` is given
  std::string answer;
};

// `rounds`: how many rounds of calls; what is written is repeated until then. 0: once.
Turn next_turn(const simdjson::dom::array& messages, std::uint64_t rounds);

// Cut like a careless tokenizer does: into pieces of 1 to 9 bytes, within words, not within characters.
std::vector<std::string_view> cut_arguments(std::string_view arguments);

}  // namespace punctual::sim
