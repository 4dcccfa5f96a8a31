// Answers of an Anthropic Messages upstream for a client of Chat Completions.
//
// The chunks: the role first, then `content`, `reasoning_content` (the name that DeepSeek gave it and most
// servers took) and `tool_calls`, a finish reason, usage with empty choices where the client asked for it,
// [DONE]. The stream is whole when message_stop has come. Signatures, redacted thinking, citations and
// pings have no counterpart. A tool without parameters gets "{}" for its arguments. With `wants_json` the
// input of the tool that the request's translation added is the content.
#pragma once

#include "dialects/translation.hpp"

namespace punctual::dialects {

std::unique_ptr<AnswerTranslator> make_messages_to_chat_answer(AnswerContext context);

}  // namespace punctual::dialects
