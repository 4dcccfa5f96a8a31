// A request of OpenAI Chat Completions as one of Anthropic Messages.
//
// After the two API references and Anthropic's notes on its own OpenAI-compatible layer. What is chosen where
// they differ:
// - `max_tokens` must be there for Anthropic: 8192 where the client gives no bound, which every model since
//   Claude 3.5 takes.
// - `reasoning_effort` is a budget for thinking (minimal and low 1024 tokens, medium 4096, high 16384, xhigh
//   32768) that is cut to half of `max_tokens`, since the client's bound counts reasoning too. Thinking is
//   left out where Anthropic refuses it: below its minimum, with a forced tool, and in answer to tool
//   results, whose earlier thinking (with its signature) a chat client cannot have kept. With thinking, a
//   temperature is left out.
// - System and developer messages are joined by line ends to the one system prompt, wherever they stood.
// - `response_format` is a tool that the model must use (`json_answer_tool`): all models take it. With tools
// of
//   the client's own beside it, the model must use one or the other. The answer's translation makes its input
//   the content again (AnswerContext.wants_json). The schema's `strict` is left out.
// - Temperatures above 1 are 1 and told as left out. Texts of no length are dropped: Anthropic refuses them.
// - Ids of tool calls that Anthropic would refuse get underscores for what is wrong in them.
// - Several answers, log probabilities, audio, web search, `logit_bias` and the old functions are refused.
#pragma once

#include <string>
#include <string_view>

#include "dialects/translation.hpp"

namespace punctual::dialects {

inline constexpr std::string_view json_answer_tool = "give_json_answer";

RequestTranslation messages_request_of_chat(std::string& body, std::string_view upstream_model,
                                            json::Reader& reader);

}  // namespace punctual::dialects
