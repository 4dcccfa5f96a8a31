// The local models' thread: its loop, the processes of the engines, the pool that decides over them.
//
// Made before the cores and ended after them. `pool()` may be used as its header says; the rest belongs to
// the main thread and, for `control::LocalModels`, to those of the management plane.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <thread>

#include "app/pool_door.hpp"
#include "backend/call.hpp"
#include "control/local_models.hpp"
#include "net/connector.hpp"
#include "net/loop.hpp"
#include "pool/http_prober.hpp"
#include "pool/pool.hpp"
#include "pool/process_launcher.hpp"
#include "process/leftovers.hpp"
#include "telemetry/metrics.hpp"

namespace punctual::app {

class EngineRoom final : public control::LocalModels {
 public:
  // Ends what engines an earlier gateway that was killed has left behind. The error is one sentence.
  static std::expected<std::unique_ptr<EngineRoom>, std::string> create(const deadline::Clock& clock,
                                                                        net::Resolver& resolver,
                                                                        const config::Configuration& startup);
  ~EngineRoom();

  pool::Pool& pool() { return *pool_; }
  // To be added to those of the cores.
  const telemetry::Metrics& metrics() const { return metrics_; }

  // What holds from now on. Any thread.
  void apply(std::shared_ptr<const config::Configuration> configuration);
  // Ends every engine and waits for them.
  void close();

  std::optional<pool::PoolView> view(deadline::Instant until) override;
  std::optional<bool> load(const std::string& model, deadline::Instant until) override;
  std::optional<bool> unload(const std::string& model, deadline::Instant until) override;

 private:
  EngineRoom(const deadline::Clock& clock, net::Resolver& resolver, std::unique_ptr<net::TlsContext> tls,
             const std::string& folder);

  void open_door();
  template <class Result>
  std::optional<Result> ask(deadline::Instant until, std::function<Result(pool::Pool&)> question);

  const deadline::Clock& clock_;
  net::Loop loop_;
  std::unique_ptr<net::TlsContext> tls_;
  net::Connector connector_;
  backend::ConnectionPool connections_;
  telemetry::Metrics metrics_;
  backend::Services services_;
  process::Leftovers leftovers_;
  pool::ProcessLauncher launcher_;
  pool::HttpProber prober_;
  std::unique_ptr<pool::Pool> pool_;
  std::string folder_;
  std::unique_ptr<PoolDoor> door_;
  std::jthread thread_;
};

}  // namespace punctual::app
