// `punctual doctor --url`: the real way to a running gateway, from where this program stands. Prints how it
// goes on stderr and what was found on stdout. Blocks for as long as the longest silence that is tried.
#pragma once

#include <string>

namespace punctual::app {

struct ProbeCommandOptions {
  std::string url;       // "https://host/v1"
  std::string key;       // empty: of `key_file`, or PUNCTUAL_API_KEY
  std::string key_file;  // "-": standard input
  std::string ca_file;   // PEM; "": the system's
  double longest = 0;    // seconds; 0: as long as any known layer waits
  bool json = false;
};

// 0: what the gateway sends comes through; 1: it does not, or it could not be probed; 2: an option is wrong.
int probe_way(const ProbeCommandOptions& options);

}  // namespace punctual::app
