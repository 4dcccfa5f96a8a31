#include "sim/host_network.hpp"

#include "net/wakeup.hpp"

namespace punctual::simulation {

namespace {

class Underway final : public net::Connecting {
 public:
  Underway(net::Runtime& runtime, Host& host, Way way, base::Signals& signals, base::Signals::Mask done)
      : runtime_(runtime), host_(host), way_(way), wakeup_(runtime, signals, done) {
    ++host_.connects;
    known_at_ = runtime.now() + way.delay;
    if (way.fate == Way::Fate::hanging) {
      known_at_ = deadline::Instant::max();
    } else if (way.delay == deadline::Duration::zero()) {
      signals.raise(done);
    } else {
      wakeup_.arm(known_at_);
    }
  }
  ~Underway() override {
    if (!taken_) ++host_.given_up;
  }

  Outcome take() override {
    if (taken_ || runtime_.now() < known_at_) return std::nullopt;
    taken_ = true;
    if (way_.fate == Way::Fate::refused) {
      return std::unexpected(
          net::ConnectError{net::ConnectErrorKind::refused, "the host refused the connection"});
    }
    auto [gateway, server] = net::memory_stream_pair(runtime_, way_.to_server, way_.to_gateway);
    host_.simulator.serve(std::move(server));
    return host_.log.tap(std::move(gateway), host_.name, runtime_.clock());
  }

 private:
  net::Runtime& runtime_;
  Host& host_;
  Way way_;
  net::Wakeup wakeup_;
  deadline::Instant known_at_;
  bool taken_ = false;
};

}  // namespace

Host& HostNetwork::host(const std::string& name) {
  auto& host = hosts_[name];
  if (!host) host = std::make_unique<Host>(runtime_, name, log_);
  return *host;
}

std::unique_ptr<net::Connecting> HostNetwork::connect(const net::Endpoint& endpoint, base::Signals& signals,
                                                      base::Signals::Mask done) {
  Host& at = host(endpoint.host);
  return std::make_unique<Underway>(runtime_, at, at.next ? at.next() : at.usual, signals, done);
}

std::uint64_t HostNetwork::open_requests() const {
  std::uint64_t count = 0;
  for (const auto& [name, host] : hosts_)
    count += host->counters.open();
  return count;
}

std::uint64_t HostNetwork::started_requests() const {
  std::uint64_t count = 0;
  for (const auto& [name, host] : hosts_)
    count += host->counters.started();
  return count;
}

std::size_t HostNetwork::open_connections() const {
  std::size_t count = 0;
  for (const auto& [name, host] : hosts_)
    count += host->simulator.open();
  return count;
}

void HostNetwork::shut_down() {
  for (const auto& [name, host] : hosts_)
    host->simulator.shut_down();
}

}  // namespace punctual::simulation
