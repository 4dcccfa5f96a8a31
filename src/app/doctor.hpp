// `punctual doctor`: the chain of timeouts that a gateway with these settings has, in words; which layer
// gives up first, and what to change.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace punctual::app {

struct DoctorOptions {
  std::string config_file;  // "": none
  std::string data;         // "": as file and environment say
};

// 1 when a layer that cannot say why gives up first, or the settings cannot be read.
int examine(const DoctorOptions& options);

void add_doctor_command(CLI::App& program, DoctorOptions& options, int& result);

}  // namespace punctual::app
