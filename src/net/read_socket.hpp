// What a listener on a Unix socket sends to whoever connects, until it closes. For commands: blocks.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "net/address.hpp"

namespace punctual::net {

struct ReadLimits {
  std::size_t bytes_max = std::size_t{4} << 20;
  std::chrono::milliseconds time{};
};

// Nothing: nobody listens there, or it was not all within the limits.
std::optional<std::string> read_socket(const ListenAddress& address, const ReadLimits& limits);

}  // namespace punctual::net
