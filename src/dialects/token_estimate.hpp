// About how many input tokens a Messages request has, where nobody can count them: the upstream has no
// /v1/messages/count_tokens.
//
// Four bytes of text are taken for a token, as in English with the usual tokenizers; an image for 1,500, as
// Anthropic counts one of its greatest size; a message and a tool for a few that frame it. Good enough to
// decide whether a conversation has to be shortened, and marked as an estimate where it is told.
#pragma once

#include <cstdint>

#include "json/reader.hpp"

namespace punctual::dialects {

std::uint64_t estimated_input_tokens(const json::Element& request);

}  // namespace punctual::dialects
