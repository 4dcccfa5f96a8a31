// What the management plane asks of the cores: values back, within a time. Implemented by the application.
//
// Called on management threads; blocks until the cores have answered or `until` has come.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "deadline/clock.hpp"
#include "gateway/provider_probe.hpp"
#include "gateway/running_requests.hpp"

namespace punctual::control {

class Cores {
 public:
  virtual std::vector<gateway::RunningRequest> running(deadline::Instant until) = 0;
  // False when no such request runs.
  virtual bool cancel(const std::string& request_id, deadline::Instant until) = 0;
  virtual gateway::ProbeResult probe(std::shared_ptr<const config::Configuration> configuration,
                                     const config::Provider& provider, deadline::Instant until) = 0;

 protected:
  ~Cores() = default;
};

}  // namespace punctual::control
