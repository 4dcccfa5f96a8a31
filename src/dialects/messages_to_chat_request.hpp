// A request of Anthropic Messages as one of OpenAI Chat Completions.
//
// After the two API references (POST /v1/messages, POST /v1/chat/completions). What is chosen where they
// differ:
// - `max_tokens` stays `max_tokens`: every compatible server reads it, `max_completion_tokens` only some.
// - A budget for thinking becomes `reasoning_effort`: low below 4096 tokens, medium below 16384, else high;
//   "adaptive" is medium; `output_config.effort` goes first. Earlier thinking is left out: nobody takes it.
// - System blocks are joined by blank lines, text blocks of an assistant by nothing (citations had cut them),
//   those of a tool result by line ends: strings are what every server takes.
// - Results of tools come right behind the calls, whatever stood before them in the user's message; their
//   images and files follow in the user's own message. A result that is an error begins with "Error: ".
// - Server tools, files by id and documents by URL are refused: the other side cannot have them.
#pragma once

#include <string>
#include <string_view>

#include "dialects/translation.hpp"

namespace punctual::dialects {

RequestTranslation chat_request_of_messages(std::string& body, std::string_view upstream_model,
                                            json::Reader& reader);

}  // namespace punctual::dialects
