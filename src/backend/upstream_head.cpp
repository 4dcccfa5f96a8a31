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
constexpr base::NameSet ours(std::to_array<std::string_view>(
    {"host", "content-length", "authorization", "x-api-key", "cookie", "accept-encoding", "expect",
     "x-request-id", "origin", "referer", "api-key", "x-goog-api-key", "x-punctual-token"}));

bool passed_on(std::string_view name) {
  return !http::is_hop_by_hop(name) && !api::is_limit_header(name) && !ours.contains(name);
}

// Fields of one vendor's API, without a meaning to another.
bool of_a_dialect(std::string_view name) {
  return base::starts_with_ignoring_case(name, "anthropic-") ||
         base::starts_with_ignoring_case(name, "openai-") ||
         base::starts_with_ignoring_case(name, "x-stainless-");
}

bool replaced(const config::Provider& provider, std::string_view name) {
  return std::ranges::any_of(
      provider.headers, [name](const auto& header) { return base::equals_ignoring_case(header.name, name); });
}

// Anthropic answers nobody who does not say it; the only one there is.
constexpr std::string_view anthropic_version = "2023-06-01";

bool sends(const UpstreamRequest& request, std::string_view name) {
  return replaced(*request.provider, name) ||
         (request.client_head && request.client_head->headers.find(name) != nullptr);
}

void append_key(std::string& out, const config::Provider& provider) {
  if (provider.api_key.empty()) return;
  switch (provider.auth) {
    case config::Auth::bearer:
      out.append("Authorization: Bearer ");
      break;
    case config::Auth::x_api_key:
      out.append("x-api-key: ");
      break;
    case config::Auth::api_key:
      out.append("api-key: ");
      break;
    case config::Auth::none:
      return;
  }
  out.append(provider.api_key.reveal()).append("\r\n");
}

}  // namespace

void append_upstream_head(std::string& out, const UpstreamRequest& request) {
  const auto& provider = *request.provider;
  http::HeadWriter writer(out);
  out.append(request.method).append(" ");
  if (!request.from_root) out.append(provider.base_url.path_prefix);
  out.append(request.path);
  out.append(" HTTP/1.1\r\n");
  out.append("Host: ");
  if (provider.kind == config::ProviderKind::simulated) {
    out.append("sim");
  } else {
    provider.base_url.append_host_header(out);
  }
  out.append("\r\n");
  if (request.client_head) {
    const auto& headers = request.client_head->headers;
    const bool connection_names_some = headers.find("connection") != nullptr;
    for (const auto& [name, value] : headers) {
      if (!passed_on(name) || replaced(provider, name)) continue;
      if (request.translated && of_a_dialect(name)) continue;
      if (connection_names_some && http::named_by_connection(headers, name)) continue;
      writer.field(name, value);
    }
  }
  append_key(out, provider);
  if (provider.kind == config::ProviderKind::anthropic && !sends(request, "anthropic-version"))
    writer.field("anthropic-version", anthropic_version);
  for (const auto& header : provider.headers)
    writer.field(header.name, header.value);
  if (!request.request_id.empty()) writer.field("X-Request-ID", request.request_id);
  if (request.body_bytes > 0) writer.field("Content-Length", request.body_bytes);
  writer.end();
}

}  // namespace punctual::backend
