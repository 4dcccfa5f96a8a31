// What to start: a program, its arguments, its environment and its folder. Plain values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace punctual::process {

struct Command {
  std::vector<std::string> arguments;  // the first is the program, looked for in PATH
  std::vector<std::string>
      environment;     // "NAME=value", added to what is inherited; the last of a name counts
  std::string folder;  // the working folder; "": ours
};

// Whether a child gets this variable of ours: what programs, libraries and GPUs need to run, and no secrets.
bool is_inherited(std::string_view name);

// The whole environment of a child: those of `ours` (as `environ`, ended by nullptr) that are inherited, and
// `added` in place of and behind them.
std::vector<std::string> child_environment(const char* const* ours, const std::vector<std::string>& added);

// Where the program `name` is: itself, absolute, if it has a slash, else the first in the PATH of
// `environment` that may be executed. "" when there is none.
std::string find_program(std::string_view name, const std::vector<std::string>& environment);

}  // namespace punctual::process
