// Names to addresses, without blocking a loop.
//
// getaddrinfo honours /etc/hosts and nsswitch but blocks, so it runs on a thread of its own; one for all
// loops. Answers are kept for 30 s, and one lookup serves all who ask for the same name meanwhile. Callers
// that lose patience simply stop waiting. Any thread may call `resolve`.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/address.hpp"

namespace punctual::net {

class Resolver {
 public:
  using Answer = std::expected<std::vector<Address>, std::string>;
  using Callback = std::move_only_function<void(const Answer&)>;

  Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  // Calls back with the addresses of `host` (ports unset), at once when they are known, else on the
  // resolver's thread.
  void resolve(const std::string& host, Callback callback);

 private:
  struct Kept {
    Answer answer;
    std::chrono::steady_clock::time_point until;
  };

  void work(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::string> asked_;
  std::map<std::string, std::vector<Callback>> waiting_;
  std::map<std::string, Kept> kept_;
  std::jthread thread_;
};

}  // namespace punctual::net
