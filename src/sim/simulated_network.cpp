#include "sim/simulated_network.hpp"

namespace punctual::sim {

namespace {

class Connected final : public net::Connecting {
 public:
  explicit Connected(std::unique_ptr<net::Stream> stream) : stream_(std::move(stream)) {}
  Outcome take() override {
    if (!stream_) return std::nullopt;
    return std::move(stream_);
  }

 private:
  std::unique_ptr<net::Stream> stream_;
};

}  // namespace

std::unique_ptr<net::Connecting> SimulatedNetwork::connect(const net::Endpoint&, base::Signals& signals,
                                                           base::Signals::Mask done) {
  auto [client, server] = net::memory_stream_pair(runtime_, to_server_, to_client_);
  simulator_.serve(std::move(server));
  signals.raise(done);
  return std::make_unique<Connected>(std::move(client));
}

}  // namespace punctual::sim
