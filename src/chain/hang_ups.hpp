// Durations after which clients went away, and those of them that lie together. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "chain/observed.hpp"

namespace punctual::chain {

struct HangUp {
  config::Endpoint endpoint = config::Endpoint::chat;
  bool stream = false;
  double seconds = 0;
  deadline::WallTime began{};
};

inline constexpr std::size_t hang_ups_least = 20;
inline constexpr std::size_t clusters_max = 4;  // of one endpoint and form

// Of each endpoint and form: at least `hang_ups_least` within 1 % (or 10 ms, which the network alone takes)
// of one duration, and at least three times as many as around it: people who press Stop do so at any time.
// The largest first.
std::vector<HangUps> clusters_of(std::vector<HangUp> hang_ups);

}  // namespace punctual::chain
