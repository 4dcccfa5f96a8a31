// What stands between the clients and the gateway, as the operator declares it ([[front]], or in the page
// Timeouts), from the outside in: the gateway does not see its limits, but can tell which layer gives up
// first.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "deadline/clock.hpp"

namespace punctual::config {

// A kind of layer, with the limits it has unless somebody changed them.
struct FrontKind {
  std::string_view name;
  std::string_view title;
  int idle_seconds;          // restarts at each byte; 0: none
  int total_seconds;         // of the whole request; 0: none
  std::string_view setting;  // what would be changed there, for people; empty: it is fixed
};

// After the vendors' documentation; where two texts disagree, the shorter limit.
inline constexpr std::array<FrontKind, 16> front_kinds = {{
    {"nginx", "nginx", 60, 0, "proxy_read_timeout"},
    {"caddy", "Caddy", 0, 0, "reverse_proxy transport response_header_timeout"},
    {"traefik", "Traefik", 0, 0, "respondingTimeouts"},
    {"haproxy", "HAProxy", 0, 0, "timeout server"},
    {"envoy", "Envoy", 300, 15, "route timeout and stream_idle_timeout"},
    {"kong", "Kong", 60, 0, "read_timeout"},
    {"cloudflare", "Cloudflare", 100, 0, "proxy read timeout (Enterprise)"},
    {"alb", "AWS Application Load Balancer", 60, 0, "idle_timeout.timeout_seconds"},
    {"api-gateway", "AWS API Gateway (REST)", 0, 29, "integration timeout"},
    {"cloudfront", "Amazon CloudFront", 30, 0, "origin response timeout"},
    {"google-load-balancer", "Google Cloud load balancer", 0, 30, "backend service timeout"},
    {"azure-app-service", "Azure App Service", 230, 0, ""},
    {"heroku", "Heroku", 55, 0, ""},
    {"browser", "a browser or its page", 0, 0, "the limit of the page's call"},
    {"client", "a client program", 0, 0, "the timeout"},
    {"other", "another layer", 0, 0, "the limit"},
}};

struct Front {
  std::string name;  // for people
  const FrontKind* kind = nullptr;
  std::optional<deadline::Duration> idle;   // restarts at each byte
  std::optional<deadline::Duration> total;  // of the whole request
  bool declared_idle = false;               // said by the operator; else what the kind usually has
  bool declared_total = false;
};

}  // namespace punctual::config
