// Request ids: the client's own if it is a sane one, else one of ours.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "deadline/clock.hpp"

namespace punctual::gateway {

// Letters, digits and "-_.:" only, at most 128 of them: safe in headers, logs and URLs.
bool is_sane_request_id(std::string_view id);

// "req_" and 26 characters of base 32: 48 bits of milliseconds since the epoch, and 80 random ones (as ULIDs
// have them), so that ids which are made one after the other lie together in an index. One thread only.
class RequestIds {
 public:
  explicit RequestIds(std::uint64_t seed) : random_(seed) {}
  std::string next(deadline::WallTime now);
  // The same into a string whose memory is used again.
  void write_next(std::string& id, deadline::WallTime now);

 private:
  std::mt19937_64 random_;
};

}  // namespace punctual::gateway
