// `punctual doctor`: the chain of timeouts that a gateway with these settings has, in words; which layer
// gives up first, and what to change. With --url: what the way to a running one does (doctor_probe.hpp).
#pragma once

#include <string>

#include "app/doctor_probe.hpp"

namespace CLI {
class App;
}

namespace punctual::app {

struct DoctorOptions {
  std::string config_file;    // "": none
  std::string data;           // "": as file and environment say
  ProbeCommandOptions probe;  // with a url: that way is probed instead
};

// 1 when a layer that cannot say why gives up first, or the settings cannot be read.
int examine(const DoctorOptions& options);

void add_doctor_command(CLI::App& program, DoctorOptions& options, int& result);

}  // namespace punctual::app
