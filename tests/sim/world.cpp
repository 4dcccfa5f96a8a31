#include "sim/world.hpp"

#include <cstdio>
#include <cstdlib>

#include "config/loader.hpp"

namespace punctual::simulation {

namespace {

constexpr std::string_view usual_providers = R"(
[[providers]]
name = "alpha"
kind = "openai"
base_url = "http://alpha/v1"
[[providers]]
name = "beta"
kind = "openai"
base_url = "http://beta/v1"
[[providers]]
name = "gamma"
kind = "openai"
base_url = "http://gamma/v1"
[[providers]]
name = "claude"
kind = "anthropic"
base_url = "http://claude/v1"
)";

// A mistake in a test's own settings.
[[noreturn]] void refuse(const std::string& what) {
  std::fprintf(stderr, "the settings of the test are wrong: %s\n", what.c_str());
  std::abort();
}

std::shared_ptr<const gateway::Settings> settings_of(const World::Options& options) {
  const std::string text =
      options.settings + (options.providers.empty() ? std::string(usual_providers) : options.providers);
  auto loaded = config::load(text, "test.toml", config::Environment(options.environment));
  if (!loaded) refuse(loaded.error().front().text());
  auto router = routing::Router::build(*loaded);
  if (!router) refuse(router.error().front());
  return std::make_shared<gateway::Settings>(*loaded, std::move(*router));
}

}  // namespace

World::World(const Options& options) {
  runtime_.set_network(network_);
  core_ = std::make_unique<gateway::Core>(
      gateway::CoreOptions{runtime_, network_, network_, journal_, settings_of(options), 1, [this] {
                             const telemetry::Metrics* one = &core_->metrics;
                             return telemetry::prometheus_text({&one, 1});
                           }});
  listener_ = std::make_unique<listener::Listener>(*core_, options.connections_max);
}

World::~World() {
  listener_->drain(deadline::Duration(1), [] {});
  run_for(std::chrono::minutes(10));
  core_->pool.clear();
  network_.shut_down();
  run();
}

void World::run() {
  // Far more rounds than any instant needs, far fewer than would try anyone's patience.
  constexpr int rounds_max = 2'000'000;
  int rounds = 0;
  for (bool busy = true; busy && !stuck_;) {
    busy = false;
    while (!runtime_.ready().empty() && !stuck_) {
      runtime_.ready().run_round();
      busy = true;
      stuck_ = ++rounds > rounds_max;
    }
    for (std::size_t i = 0; i < actors_.size(); ++i)
      busy = actors_[i]->act() || busy;
    stuck_ = stuck_ || ++rounds > rounds_max;
  }
}

// Moves to the next instant at which something is due.
bool World::step(deadline::Instant at_most) {
  const auto next = runtime_.wheel().next();
  if (!next || *next > at_most || stuck_) return false;
  clock_.advance_to(*next);
  runtime_.wheel().advance(clock_.now());
  run();
  return true;
}

void World::run_until(deadline::Instant at) {
  run();
  while (step(at)) {
  }
  clock_.advance_to(at);
  runtime_.wheel().advance(clock_.now());
  run();
}

bool World::run_until(const std::function<bool()>& done, deadline::Duration at_most) {
  const auto end = now() + at_most;
  run();
  while (!done()) {
    if (!step(end)) return false;
  }
  return true;
}

bool World::run_out(deadline::Duration at_most) {
  const auto end = now() + at_most;
  run();
  while (step(end)) {
  }
  return !stuck_ && !runtime_.wheel().next();
}

const std::vector<RecordLine>& World::records() {
  core_->journal.hand_over();
  return journal_.lines();
}

}  // namespace punctual::simulation
