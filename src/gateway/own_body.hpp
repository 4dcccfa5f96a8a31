// Bodies that the gateway writes itself: translated into the upstream's format, or asking for a stream where
// the client wants one document.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "api/request.hpp"
#include "config/provider.hpp"
#include "dialects/translation.hpp"
#include "gateway/passage.hpp"
#include "json/reader.hpp"

namespace punctual::gateway {

// The request in the upstream's format. The error names the member that this format cannot express.
dialects::RequestTranslation translated_body(const api::Request& request, const Passage& passage,
                                             const config::Provider& provider, std::string_view model,
                                             json::Reader& reader);

// What `api::upstream_body` gives, in one piece.
std::string body_for(const api::Request& request, std::string_view model);

// The same request as one for a stream that tells its usage; `body` is a JSON object.
std::string as_stream(std::string_view body, dialects::Format upstream, const config::Provider& provider);

// Makes a request for a stream ask for events that tell how far its prompt is. True: it had asked for them.
bool add_return_progress(std::string& body);

// A header's value that lists members; empty when there are none. Names that clients made up are made safe.
std::string left_out_header(const std::vector<std::string>& left_out);

}  // namespace punctual::gateway
