// What the proxies under test are told: nginx as it is set up for streams, the gateway with everything on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deadline/clock.hpp"

namespace punctual::bench {

struct ProxyPlace {
  std::string folder;           // for its files
  std::uint16_t port = 0;       // where it listens
  std::uint16_t upstream = 0;   // what it calls
  std::size_t connections = 0;  // at most, both sides
};

enum class AccessLog { off, json };

// One worker, no buffering, connections to the upstream kept. Requests below /limit/N/ have the N-th of
// `limits` as their `proxy_read_timeout`.
std::string nginx_configuration(const ProxyPlace& place, AccessLog log,
                                const std::vector<deadline::Duration>& limits);

// Rules of every kind, deadlines for every phase, records to a file.
std::string gateway_configuration(const ProxyPlace& place);

}  // namespace punctual::bench
