// A routing rule: which models it is for, and which targets are tried, in order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/overlay.hpp"
#include "deadline/limits.hpp"

namespace punctual::config {

enum class Match : std::uint8_t { exact, prefix, glob, regex };

std::string_view name_of(Match match);

struct Target {
  std::string provider;  // of a provider that exists
  std::string model;     // what the provider is asked for; "": what the client asked for
};

struct Rule {
  std::string id;  // for the API; see overlay.hpp
  Origin origin = Origin::file;
  bool in_file = false;       // what is stored took the place of one in the file
  std::int64_t priority = 0;  // the lower is tried first; equals in the order of the file
  Match match = Match::exact;
  std::string pattern;          // not empty; routing/ compiles it
  std::vector<Target> targets;  // 1 to targets_max
  deadline::LimitOverrides timeouts;
  bool enabled = true;
};

}  // namespace punctual::config
