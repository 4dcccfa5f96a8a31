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

// Which of a rule's targets is asked first; the others follow in the same manner if it fails.
enum class Balance : std::uint8_t {
  in_order,      // as they stand
  weighted,      // by chance, as often as their weights say
  least_loaded,  // the fewest calls in flight for its weight
};

std::string_view name_of(Balance balance);

struct Target {
  std::string provider;      // of a provider that exists
  std::string model;         // what the provider is asked for; "": what the client asked for
  std::uint32_t weight = 1;  // where targets are balanced; 0: only after all others
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
  Balance balance = Balance::in_order;
  std::uint32_t retries_max = 0;  // how often a target is asked again before the next one is
  bool stream_upstream = false;   // the upstream streams also where the client wants one document
  bool enabled = true;
};

}  // namespace punctual::config
