#include "wire/scripted_network.hpp"

#include <utility>

namespace punctual::wire {

namespace {

class Decided final : public net::Connecting {
 public:
  explicit Decided(Outcome outcome) : outcome_(std::move(outcome)) {}
  Outcome take() override { return std::exchange(outcome_, std::nullopt); }

 private:
  Outcome outcome_;
};

}  // namespace

std::unique_ptr<net::Connecting> ScriptedNetwork::connect(const net::Endpoint& endpoint,
                                                          base::Signals& signals, base::Signals::Mask done) {
  signals.raise(done);
  if (std::exchange(refuse_, false)) {
    return std::make_unique<Decided>(std::unexpected(
        net::ConnectError{net::ConnectErrorKind::refused, endpoint.text() + " refused the connection"}));
  }
  auto [ours, theirs] = net::memory_stream_pair(runtime_);
  upstreams_.push_back(std::move(theirs));
  return std::make_unique<Decided>(std::move(ours));
}

}  // namespace punctual::wire
