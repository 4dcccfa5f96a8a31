// One whole probe: every stall at once, then what the gateway saw of them and what it makes of it.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/secret.hpp"
#include "config/url.hpp"
#include "probe/book.hpp"
#include "probe/hops.hpp"
#include "probe/observation.hpp"

namespace punctual::probe {

struct RunOptions {
  config::Url url;      // of the API as clients know it: ends with /v1
  config::Secret key;   // empty: none is shown
  std::string ca_file;  // PEM; empty: the system's
  // How long the longest silence is; nothing: as long as any known layer waits, or the gateway itself.
  std::optional<deadline::Duration> longest;
  std::function<void(const std::string&)> tell;  // how it goes, a line each; may be empty
};

// The gateway's opinion, as it came.
struct Finding {
  std::string severity;
  std::string text;
  std::string suggestion;
  bool stream = false;  // of streams, or of answers in one piece
};

struct Run {
  std::string version;  // of the gateway
  deadline::Duration connect{};
  deadline::Duration longest{};
  std::optional<deadline::Duration> heartbeat;
  std::vector<Hop> hops;
  Report report;
  std::vector<SeenStall> seen;  // by the gateway; empty: it could not be asked
  std::string not_seen;         // why it is empty
  std::vector<Finding> findings;
  std::string not_judged;  // why there are no findings
};

// Blocks until it is done. The error is one sentence.
std::expected<Run, std::string> run_probe(RunOptions options, const deadline::Clock& clock);

}  // namespace punctual::probe
