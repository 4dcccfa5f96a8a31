// What is started for a local model, and with which arguments. Pure.
//
// In `command` and `arguments` of the settings stand {name}, {file}, {socket}, {host}, {port}, {context} and
// {slots} for what they say.
#pragma once

#include <string>
#include <vector>

#include "config/pool.hpp"

namespace punctual::pool {

// The program and its arguments; empty: the engine is not started by us, it is there (Ollama).
std::vector<std::string> engine_command(const config::LocalModel& model);

// "NAME=value": the key that it is to ask for, where others could reach it. Not among the arguments, which
// all users of the machine can read.
std::vector<std::string> engine_environment(const config::LocalModel& model);

}  // namespace punctual::pool
