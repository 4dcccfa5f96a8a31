// A network whose every endpoint is played by the test: it gets the other end of each connection.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/memory_stream.hpp"
#include "net/network.hpp"
#include "net/runtime.hpp"

namespace punctual::wire {

class ScriptedNetwork final : public net::Network {
 public:
  explicit ScriptedNetwork(net::Runtime& runtime) : runtime_(runtime) {}

  std::unique_ptr<net::Connecting> connect(const net::Endpoint& endpoint, base::Signals& signals,
                                           base::Signals::Mask done) override;

  // The next connection is refused.
  void refuse_next() { refuse_ = true; }

  // In the order in which they were made; closed ones are nullptr.
  std::vector<std::unique_ptr<net::Stream>>& upstreams() { return upstreams_; }

 private:
  net::Runtime& runtime_;
  std::vector<std::unique_ptr<net::Stream>> upstreams_;
  bool refuse_ = false;
};

}  // namespace punctual::wire
