// The request head that an upstream is sent: the client's fields, less what is between the client and us,
// plus the provider's key, in the field that its `auth` says, and fields. Anthropic's are told a version
// where nobody has.
#pragma once

#include <string>
#include <string_view>

#include "config/provider.hpp"
#include "http/head.hpp"

namespace punctual::backend {

struct UpstreamRequest {
  const config::Provider* provider = nullptr;
  std::string_view method = "POST";
  std::string_view path;                           // below the base URL: "/chat/completions"
  bool from_root = false;                          // `path` is the whole path
  const http::RequestHead* client_head = nullptr;  // nullptr: a request of our own
  std::string_view request_id;
  std::size_t body_bytes = 0;
  bool translated = false;  // into another dialect: the client's dialect's own fields stay here
};

void append_upstream_head(std::string& out, const UpstreamRequest& request);

}  // namespace punctual::backend
