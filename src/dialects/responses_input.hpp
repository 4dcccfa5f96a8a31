// `instructions` and `input` of a Responses request as Chat Completions' `messages`.
//
// An item's `id` and `status` (and a text's empty `annotations` and `logprobs`) say nothing to a model and
// are not counted as left out; reasoning items are.
#pragma once

#include "dialects/request_writing.hpp"

namespace punctual::dialects {

// Appends the member `messages`.
bool write_messages(const Member& instructions, const Member& input, RequestWriting& writing);

}  // namespace punctual::dialects
