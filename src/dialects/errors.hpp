// Errors of an upstream, as documents or events, in the form of another format.
//
// Read are the forms of OpenAI ({"error": {"message", "type", "param", "code"}}), of Anthropic ({"type":
// "error", "error": {"type", "message"}}), and what small servers write ({"error": text}, {"message": text},
// {"detail": text}). Types are mapped by the tables in the source; an OpenAI type that has no counterpart
// goes by the status. Responses has the form of Chat Completions.
#pragma once

#include <string>
#include <string_view>

#include "dialects/translation.hpp"
#include "json/reader.hpp"

namespace punctual::dialects {

inline constexpr std::size_t error_message_bytes_max = 4096;

// The document of format `to` that tells the error in `document`. `status` is 0 where there is none, in a
// stream.
std::string error_document(Format to, int status, const json::Element& document, std::string_view request_id);

// The same for an error that is only known as text.
std::string error_document(Format to, int status, std::string_view message, std::string_view request_id);

// The document as the event with which a stream of format `to`, messages or chat_completions, ends.
void append_error_event(std::string& out, Format to, std::string_view document);

}  // namespace punctual::dialects
