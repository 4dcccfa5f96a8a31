// What a model is told of the database that it may ask: the tools, and how to use them.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "chat/limits.hpp"
#include "chat/tools.hpp"

namespace punctual::chat {

// In the format of OpenAI's `tools`.
const boost::json::array& tool_definitions();

std::string system_prompt(const SourceFacts& source, const Limits& limits);

// The messages as the model gets them: `prompt` comes first, joined with a system message that is there.
boost::json::array with_prompt(std::string prompt, boost::json::array messages);

}  // namespace punctual::chat
