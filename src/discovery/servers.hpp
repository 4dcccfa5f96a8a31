// Asks the ports of 127.0.0.1 which model server listens there.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "deadline/clock.hpp"
#include "discovery/found.hpp"

namespace punctual::discovery {

inline constexpr deadline::Duration port_limit = std::chrono::seconds(1);

// Blocks for `limit` at most, and for port_limit if that is shorter, or until `given_up` says so, which is
// asked every few milliseconds; runs a loop of its own on this thread. In the order of `ports`. The error is
// one sentence.
std::expected<std::vector<FoundServer>, std::string> find_servers(const std::vector<std::uint16_t>& ports,
                                                                  const deadline::Clock& clock,
                                                                  deadline::Duration limit,
                                                                  const std::function<bool()>& given_up);

}  // namespace punctual::discovery
