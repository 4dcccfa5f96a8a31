// Answers of a Chat Completions upstream for a client of Anthropic Messages.
//
// Read are the chunks of OpenAI and of servers like vLLM, SGLang, llama.cpp, OpenRouter and Mistral:
// `reasoning_content` or `reasoning`, parts for `content`, `stop_reason` or `matched_stop` beside the finish
// reason, usage with the finish reason or behind it. message_delta and message_stop wait for the usage,
// [DONE] or the end of the stream; the answer is whole with a finish reason or [DONE]. Thinking has no
// signature that would be worth anything: it is empty.
#pragma once

#include "dialects/translation.hpp"

namespace punctual::dialects {

std::unique_ptr<AnswerTranslator> make_chat_to_messages_answer(AnswerContext context);

}  // namespace punctual::dialects
