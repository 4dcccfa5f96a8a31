// A network whose hosts are simulators: routes by the endpoint's host, and treats connections badly when
// told.
//
// Each host is a Simulator with counters of its own, so a test knows which upstream saw what. How the next
// connection fares is asked of `next`, or else is `usual`.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "net/memory_stream.hpp"
#include "net/network.hpp"
#include "sim/simulator.hpp"
#include "sim/upstream_log.hpp"

namespace punctual::simulation {

// What becomes of one attempt to connect.
struct Way {
  enum class Fate : std::uint8_t { accepted, refused, hanging };
  Fate fate = Fate::accepted;
  deadline::Duration delay{};  // until the fate is known; hanging never is
  net::MemoryStreamOptions to_server;
  net::MemoryStreamOptions to_gateway;
};

class Host {
 public:
  Host(net::Runtime& runtime, std::string name, UpstreamLog& log)
      : name(std::move(name)), log(log), simulator(runtime, counters) {}

  const std::string name;
  UpstreamLog& log;
  sim::Counters counters;
  sim::Simulator simulator;
  Way usual;
  std::function<Way()> next;
  std::size_t connects = 0;  // begun
  std::size_t given_up = 0;  // of those, dropped by the gateway before the fate was known
};

class HostNetwork final : public net::Network {
 public:
  explicit HostNetwork(net::Runtime& runtime) : runtime_(runtime) {}

  Host& host(const std::string& name);
  std::unique_ptr<net::Connecting> connect(const net::Endpoint& endpoint, base::Signals& signals,
                                           base::Signals::Mask done) override;

  // Over all hosts.
  std::uint64_t open_requests() const;
  std::uint64_t started_requests() const;
  std::size_t open_connections() const;
  void shut_down();
  UpstreamLog& log() { return log_; }

 private:
  net::Runtime& runtime_;
  UpstreamLog log_;
  std::map<std::string, std::unique_ptr<Host>> hosts_;
};

}  // namespace punctual::simulation
