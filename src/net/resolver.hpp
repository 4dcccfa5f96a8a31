// Names to addresses, without blocking a loop.
//
// getaddrinfo honours /etc/hosts and nsswitch but blocks, so it runs on threads of its own, a few for all
// loops, so that one dead name server does not hold up the names of another. Answers are kept for 30 s, and
// one lookup serves all who ask for the same name meanwhile. Callers that lose patience simply stop waiting.
// Any thread may call `resolve`.
//
// Destroying a resolver does not wait for lookups. Once it is destroyed no callback runs: destroy it before
// the loops that callbacks post to.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/address.hpp"

namespace punctual::net {

class Resolver {
 public:
  using Answer = std::expected<std::vector<Address>, std::string>;
  using Callback = std::move_only_function<void(const Answer&)>;

  using LookUp = std::function<Answer(const std::string& host)>;

  Resolver();
  // With something else than getaddrinfo, for tests; it is called on the resolver's threads.
  explicit Resolver(LookUp look_up);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  // Calls back with the addresses of `host` (ports unset), at once when they are known, else on a thread
  // of the resolver.
  void resolve(const std::string& host, Callback callback);

 private:
  struct State;

  static void work(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

}  // namespace punctual::net
