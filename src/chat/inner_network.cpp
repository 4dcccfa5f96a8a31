#include "chat/inner_network.hpp"

#include "net/already_connected.hpp"
#include "net/memory_stream.hpp"

namespace punctual::chat {

std::unique_ptr<net::Connecting> InnerNetwork::connect(const net::Endpoint&, base::Signals& signals,
                                                       base::Signals::Mask done) {
  auto [ours, theirs] = net::memory_stream_pair(core_.runtime);
  core_.inner_door->accept_inner(std::move(theirs), client_);
  signals.raise(done);
  return std::make_unique<net::AlreadyConnected>(std::move(ours));
}

}  // namespace punctual::chat
