#include "chat/inner_network.hpp"

#include "net/memory_stream.hpp"

namespace punctual::chat {

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

std::unique_ptr<net::Connecting> InnerNetwork::connect(const net::Endpoint&, base::Signals& signals,
                                                       base::Signals::Mask done) {
  auto [ours, theirs] = net::memory_stream_pair(core_.runtime);
  core_.inner_door->accept_inner(std::move(theirs), client_);
  signals.raise(done);
  return std::make_unique<Connected>(std::move(ours));
}

}  // namespace punctual::chat
