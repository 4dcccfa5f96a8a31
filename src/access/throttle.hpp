// Slows down who guesses passwords: per name and per peer, waits that double.
//
// An attempt is counted when it begins, so that many at once are not free; a success takes it back. Any
// thread. Time is handed in. Bounded memory: of `entries_max` names (and peers) the least suspicious is
// forgotten first, so that made-up names do not wash out the one that is guessed at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "deadline/clock.hpp"

namespace punctual::access {

class LogInThrottle {
 public:
  static constexpr std::size_t entries_max = 4096;
  static constexpr std::uint32_t free_of_name = 5;
  static constexpr std::uint32_t free_of_peer = 20;
  static constexpr deadline::Duration first_wait = std::chrono::seconds(1);
  static constexpr deadline::Duration wait_of_name_max = std::chrono::minutes(1);
  static constexpr deadline::Duration wait_of_peer_max = std::chrono::minutes(15);
  static constexpr deadline::Duration forgotten_after = std::chrono::hours(1);

  // Zero: this attempt may be made, and is counted. Otherwise it is not, and how long until one may be.
  // `peer` as the caller tells peers apart: an address without its port; of IPv6 the network.
  deadline::Duration begin(std::string_view name, std::string_view peer, deadline::Instant now);

  // It was the right password: the name's failures are forgotten, of the peer's this one.
  void succeeded(std::string_view name, std::string_view peer);

  std::size_t entries() const;

 private:
  struct Entry {
    std::uint32_t attempts = 0;
    deadline::Instant last;
    deadline::Instant next;  // no attempt before
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  mutable std::mutex mutex_;
  Entries names_;
  Entries peers_;
};

}  // namespace punctual::access
