// The transcripts of tests/wire as values: cases, and their steps in order (README.md has the format).
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "wire/text_pattern.hpp"

namespace punctual::wire {

struct Step {
  std::string action;  // "client sends"
  std::string value;   // "15" of "wait 15"
  TextPattern text;
  int line = 0;
};

struct Case {
  std::string name;           // "requests/smuggling/two_lengths"
  std::string file;           // below tests/wire
  std::string configuration;  // TOML, added to the default
  bool as_written = false;    // not to be repeated byte by byte
  std::vector<Step> steps;
};

// Every case of every *.txt below `folder`, or what is wrong with one of them.
std::expected<std::vector<Case>, std::string> load_cases(const std::string& folder);

}  // namespace punctual::wire
