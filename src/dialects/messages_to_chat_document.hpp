// A whole answer of Anthropic Messages as one of Chat Completions; the contract is that of
// messages_to_chat_answer.hpp.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "dialects/translation.hpp"

namespace punctual::dialects {

std::expected<std::string, std::string> chat_document_of_messages(std::string_view document,
                                                                  const AnswerContext& context);

}  // namespace punctual::dialects
