// What the log tells of how long clients wait: those that went away, and what others announced. Blocking; the
// newest rows only, as many as are named here, so that the answer is there soon whatever the log holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "deadline/clock.hpp"
#include "storage/connection.hpp"

namespace punctual::requestlog {

inline constexpr std::int64_t hang_ups_read_max = 10'000;
inline constexpr std::int64_t announced_read_max = 5'000;

// A request whose client closed the connection: nobody here ended it, and no call of the chat page.
struct LeftRequest {
  std::string endpoint;
  bool stream = false;
  std::int64_t started = 0;  // microseconds since the epoch
  std::int64_t duration_us = 0;
};

std::expected<std::vector<LeftRequest>, storage::Error> read_left(storage::Connection& connection,
                                                                  deadline::WallTime since);

// What the latest requests of one endpoint, streamed or not, said of their time; durations in seconds, each
// with how often it was said.
struct Announced {
  std::string endpoint;
  bool stream = false;
  std::int64_t requests = 0;
  struct Said {
    std::map<double, std::int64_t> seconds;
    std::map<std::string, std::int64_t> headers;
  };
  Said limit;    // wished: where it was shorter than what is set here
  Said wait;     // for the whole answer
  Said silence;  // between two bytes
};

std::expected<std::vector<Announced>, storage::Error> read_announced(storage::Connection& connection,
                                                                     deadline::WallTime since);

}  // namespace punctual::requestlog
