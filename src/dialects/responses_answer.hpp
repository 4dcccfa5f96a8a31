// Chat Completions answers as OpenAI Responses, streamed
// (https://platform.openai.com/docs/api-reference/responses-streaming) and whole.
//
// Items: reasoning (its text as `reasoning_text`, nothing in the summary), messages of output_text and
// refusal, function calls. Reasoning and a message are done when another item begins; function calls, which
// may come interleaved, are done when the answer is. Of several choices only the first counts. The end is
// told once the usage may have come: at `[DONE]`, or at the end of the stream. There is no `[DONE]` in this
// format.
//
// An error of the upstream, an event that cannot be read, or an answer of more than 32 MiB become
// response.failed and then an `error` event, which has the members of the API reference and, for the SDKs,
// which throw only on this, the `error` object; `end` is false then.
#pragma once

#include <memory>

#include "dialects/translation.hpp"

namespace punctual::dialects {

std::unique_ptr<AnswerTranslator> make_chat_to_responses_answer(AnswerContext context);

}  // namespace punctual::dialects
