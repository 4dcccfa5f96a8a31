// What the process itself is told: where it listens, where it keeps its data, how much it takes on.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "deadline/limits.hpp"

namespace punctual::config {

struct Server {
  std::vector<std::string> listen{"127.0.0.1:8080"};  // "address:port", "[v6]:port", ":port", "unix:/path"
  std::uint32_t threads = 0;                          // 0: one per core
  std::string data = "./data";
  std::string storage = "sqlite";  // or "postgresql://..."; may hold a password, so it is not for logs
  std::string admin_token_env = "PUNCTUAL_ADMIN_TOKEN";  // the name of a variable; "": no token
  bool open = false;                                     // /v1 without keys on a non-loopback address
  std::string tls_certificate;                           // a PEM file; both or none
  std::string tls_key;
  deadline::Duration keep_alive = std::chrono::seconds(75);  // an idle client connection; never zero
  deadline::Limit shutdown{std::chrono::seconds(60)};        // running requests after SIGTERM; already
                                                             // timeouts.drain where it was not given
  std::uint64_t body_bytes_max = std::uint64_t{64} << 20;
  std::uint32_t connections_max = 0;                                // per process; 0: from the file limit
  std::string error_type_base = "https://mlx-manager.dev/errors/";  // ends with '/'
  std::string request_log = "off";  // records as lines too: a path, "-" (standard output), "off"
  std::vector<std::string> hosts;   // names by which browsers may come to /api; addresses may always
  std::string log_level = "info";   // trace debug info warning error off
};

}  // namespace punctual::config
