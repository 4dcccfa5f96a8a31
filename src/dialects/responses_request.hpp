// OpenAI Responses (https://platform.openai.com/docs/api-reference/responses/create) as Chat Completions
// (https://platform.openai.com/docs/api-reference/chat/create), for stateless use.
//
// What lives on the vendor's side is refused with its name: `store: true`, `previous_response_id`,
// `conversation`, `background`, `prompt`, item references, files by id or URL, built-in tools. What the
// answer is as good without is left out and told. Choices: `max_output_tokens` becomes `max_tokens`, which
// every server knows; the role `developer` becomes `system`, because the templates of open models know no
// other; adjacent function calls, and a message of the assistant before them, become one message.
#pragma once

#include <string>
#include <string_view>

#include "dialects/translation.hpp"
#include "json/reader.hpp"

namespace punctual::dialects {

// `body` may be grown in capacity. It must be a JSON object; then every other error names its member.
RequestTranslation chat_request_of_responses(std::string& body, std::string_view upstream_model,
                                             json::Reader& reader);

}  // namespace punctual::dialects
