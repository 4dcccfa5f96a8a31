// The whole gateway of one core around a manual clock and memory streams, with one client and a scripted
// upstream.
#pragma once

#include <memory>
#include <string>

#include "audit/journal.hpp"
#include "gateway/core.hpp"
#include "listener/listener.hpp"
#include "wire/scripted_network.hpp"

namespace punctual::wire {

// What one end of a connection has read and not yet compared.
struct Reading {
  enum class End : std::uint8_t { open, closed, reset };
  std::string bytes;
  End end = End::open;

  void read(net::Stream& stream);
};

// A journal that keeps its lines.
class Records final : public audit::Journal {
 public:
  Records() : Journal(-1) {}
  bool write(std::string lines) override {
    text += lines;
    return true;
  }
  bool enabled() const override { return true; }

  std::string text;
};

class World {
 public:
  // The default configuration has the provider "up" at http://up.test/v1; throws when `configuration` does
  // not load.
  explicit World(const std::string& configuration);
  ~World();

  void connect();
  void send(std::string_view bytes);
  void close_client();
  void wait(deadline::Duration duration);

  // The newest upstream connection; nullptr when there is none, or it was closed.
  net::Stream* upstream();
  void upstream_sends(std::string_view bytes);
  void upstream_ends(bool reset);
  ScriptedNetwork& network() { return network_; }

  // With what has arrived until now.
  Reading& client_reading();
  Reading& upstream_reading();

  // The records since the last time, a line of JSON each.
  std::string take_records();

  const telemetry::Metrics& metrics() const { return core_->metrics; }

 private:
  void run() { runtime_.ready().run(); }

  deadline::ManualClock clock_;
  net::Runtime runtime_{clock_};
  ScriptedNetwork network_{runtime_};
  Records records_;
  std::unique_ptr<gateway::Core> core_;
  std::unique_ptr<listener::Listener> listener_;
  std::unique_ptr<net::Stream> client_;
  Reading client_reading_;
  Reading upstream_reading_;
  std::size_t upstream_read_ = 0;  // which upstream connection `upstream_reading_` is of
};

}  // namespace punctual::wire
