// Engines as child processes; and those that run anyway, which are only met and left.
#pragma once

#include <string>

#include "net/loop.hpp"
#include "pool/launcher.hpp"
#include "process/leftovers.hpp"

namespace punctual::pool {

class ProcessLauncher final : public Launcher {
 public:
  // Both outlive the launcher and what it has started.
  ProcessLauncher(net::Loop& loop, process::Leftovers& leftovers) : loop_(loop), leftovers_(leftovers) {}

  // Makes the folder of a socket, for the owner alone, and takes away what an earlier engine left there.
  std::expected<std::unique_ptr<Launched>, std::string> start(
      const config::LocalModel& model, std::function<void(std::string)> on_exit) override;

 private:
  net::Loop& loop_;
  process::Leftovers& leftovers_;
};

}  // namespace punctual::pool
