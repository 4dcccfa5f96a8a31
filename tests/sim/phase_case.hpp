// The parameters of the tests that go through the phase table of the deadline model: route, streaming,
// source.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "sim/asking.hpp"
#include "sim/expectation.hpp"
#include "sim/setting.hpp"

namespace punctual::simulation {

struct PhaseCase {
  Route route = Route::chat;
  bool stream = false;
  deadline::SourceKind kind = deadline::SourceKind::built_in;
};

inline std::string name_of(const testing::TestParamInfo<PhaseCase>& info) {
  return std::string(name_of(info.param.route)) + (info.param.stream ? "_stream_" : "_whole_") +
         (info.param.kind == deadline::SourceKind::built_in ? "built_in"
                                                            : std::string(name_of(info.param.kind)));
}

// Every route, streaming and not, with the limit from each of these sources.
inline std::vector<PhaseCase> cases_of(const std::vector<deadline::SourceKind>& kinds, bool streams = true,
                                       bool wholes = true) {
  std::vector<PhaseCase> cases;
  for (const auto route : all_routes) {
    for (const auto kind : kinds) {
      if (wholes) cases.push_back({route, false, kind});
      if (streams && can_stream(route)) cases.push_back({route, true, kind});
    }
  }
  return cases;
}

inline const std::vector<deadline::SourceKind> with_default = {
    deadline::SourceKind::built_in, deadline::SourceKind::file, deadline::SourceKind::environment,
    deadline::SourceKind::rule, deadline::SourceKind::provider};
inline const std::vector<deadline::SourceKind> without_default = {
    deadline::SourceKind::file, deadline::SourceKind::environment, deadline::SourceKind::rule,
    deadline::SourceKind::provider};

// One request in one world, up to the expiry of its limit.
class PhaseTest : public testing::TestWithParam<PhaseCase> {
 protected:
  PhaseTest() {
    asking.route = GetParam().route;
    asking.stream = GetParam().stream;
    model("tokens=4");
    expected.kind = GetParam().kind;
  }

  // Before `limit`.
  void model(std::string_view behaviour) { asking.model = model_of(asking.route, behaviour); }
  Host& upstream(World& world) { return world.host(std::string(upstream_of(asking.route))); }

  // The limit `key`: its default, or else `seconds` where the parameter says.
  void limit(deadline::Phase phase, std::string_view key, double default_seconds, int seconds) {
    const bool is_default = expected.kind == deadline::SourceKind::built_in;
    expected.phase = phase;
    expected.limit_seconds = is_default ? default_seconds : seconds;
    expected.message = message_of(phase, std::to_string(static_cast<int>(expected.limit_seconds)));
    expected.source = set_limit(expected.kind, key, std::to_string(seconds), options, asking);
  }

  World::Options options;
  Asking asking;
  ExpectedTimeout expected;
};

}  // namespace punctual::simulation
