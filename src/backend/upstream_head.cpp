#include "backend/upstream_head.hpp"

#include <algorithm>
#include <array>

#include "api/request_limits.hpp"
#include "base/text.hpp"
#include "http/head_writer.hpp"

namespace punctual::backend {

namespace {

// Not passed on: framing is ours; credentials are for us, not for the upstream; compression would hide the
// events that are looked at; a browser's origin is refused by Ollama and means nothing to the others.
constexpr std::array<std::string_view, 13> ours = {"host",
                                                   "content-length",
                                                   "authorization",
                                                   "x-api-key",
                                                   "cookie",
                                                   "accept-encoding",
                                                   "expect",
                                                   "x-request-id",
                                                   "origin",
                                                   "referer",
                                                   "api-key",
                                                   "x-goog-api-key",
                                                   "x-punctual-token"};

bool passed_on(const http::Headers& headers, std::string_view name) {
  if (http::is_hop_by_hop(name) || api::is_limit_header(name)) return false;
  if (std::ranges::any_of(ours, [name](auto known) { return base::equals_ignoring_case(name, known); }))
    return false;
  return !http::named_by_connection(headers, name);
}

bool replaced(const config::Provider& provider, std::string_view name) {
  return std::ranges::any_of(
      provider.headers, [name](const auto& header) { return base::equals_ignoring_case(header.name, name); });
}

}  // namespace

void append_upstream_head(std::string& out, const UpstreamRequest& request) {
  const auto& provider = *request.provider;
  http::HeadWriter writer(out);
  out.append(request.method).append(" ").append(provider.base_url.path_prefix).append(request.path);
  out.append(" HTTP/1.1\r\n");
  writer.field("Host",
               provider.kind == config::ProviderKind::simulated ? "sim" : provider.base_url.host_header());
  if (request.client_head) {
    for (const auto& [name, value] : request.client_head->headers) {
      if (passed_on(request.client_head->headers, name) && !replaced(provider, name))
        writer.field(name, value);
    }
  }
  if (!provider.api_key.empty()) {
    if (provider.kind == config::ProviderKind::anthropic) {
      writer.field("x-api-key", provider.api_key.reveal());
    } else {
      out.append("Authorization: Bearer ").append(provider.api_key.reveal()).append("\r\n");
    }
  }
  for (const auto& header : provider.headers)
    writer.field(header.name, header.value);
  if (!request.request_id.empty()) writer.field("X-Request-ID", request.request_id);
  if (request.body_bytes > 0) writer.field("Content-Length", request.body_bytes);
  writer.end();
}

}  // namespace punctual::backend
