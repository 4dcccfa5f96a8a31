// For tests of the pool: processes that start, live and end as the test says, on manual time.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <set>
#include <string>

#include "config/environment.hpp"
#include "config/loader.hpp"
#include "deadline/clock.hpp"
#include "pool/pool.hpp"

namespace punctual::pool {

struct FakeProcess {
  std::string model;
  std::function<void(std::string)> on_exit;
  std::uint64_t life = 0;
  int terms = 0;
  int kills = 0;
  bool there = true;
  std::string last_line = "out of luck";
};

class FakeLaunched final : public Launched {
 public:
  explicit FakeLaunched(FakeProcess& process) : process_(process) {}
  ~FakeLaunched() override { process_.there = false; }
  int pid() const override { return 4711; }
  void terminate() override { ++process_.terms; }
  void kill() override { ++process_.kills; }
  std::uint64_t signs_of_life() const override { return process_.life; }
  std::uint64_t memory_bytes() const override { return 0; }
  std::vector<std::string> last_lines() const override { return {"loading...", process_.last_line}; }

 private:
  FakeProcess& process_;
};

class PoolTest : public testing::Test, private Launcher, protected Prober {
 protected:
  PoolTest() { configure("memory_limit = \"10GiB\"\n"); }

  void configure(const std::string& pool, const std::string& more = {}) {
    std::string text = "[pool]\n" + pool;
    for (const auto* name : {"a", "b", "c"})
      text += std::string("[[models]]\nname = \"") + name +
              "\"\nengine = \"command\"\ncommand = [\"x\", \"{socket}\"]\nmemory = \"4GiB\"\n" + more;
    auto loaded = config::load(text, "test.toml", config::Environment());
    ASSERT_TRUE(loaded) << loaded.error().front().text();
    pool_.apply(*loaded);
    turn();
  }

  // Everything that is due, until nothing is.
  void turn() {
    while (!posted_.empty()) {
      auto work = std::move(posted_.front());
      posted_.pop_front();
      work();
    }
  }
  void pass(deadline::Duration time) {
    const auto end = clock_.now() + time;
    while (clock_.now() < end) {
      clock_.advance_to(std::min<deadline::Instant>(clock_.now() + std::chrono::milliseconds(10), end));
      runtime_.wheel().advance(clock_.now());
      turn();
    }
  }
  void exit(FakeProcess& process, const std::string& how = "exit code 0") {
    process.on_exit(how);
    turn();
  }

  // Asks for a model. What it gets is kept.
  struct Visit {
    std::shared_ptr<Engine> engine;
    std::shared_ptr<LoadWaiter> waiter;
    Lease lease;
    EngineCall call;
    LoadWaiter::State state() const { return waiter ? waiter->state() : LoadWaiter::State::ready; }
  };
  Visit visit(const std::string& model) {
    Visit visit{pool_.find(model), nullptr, {}, {}};
    visit.lease = Lease::try_take(visit.engine, clock_);
    if (visit.lease) visit.call = EngineCall(visit.engine);
    if (visit.lease) return visit;
    visit.waiter = pool_.join(visit.engine, [this] { ++woken_; });
    turn();
    take(visit);
    return visit;
  }
  void take(Visit& visit) {
    if (visit.lease || visit.waiter->state() != LoadWaiter::State::ready) return;
    visit.lease = {visit.engine, clock_};
    visit.call = EngineCall(visit.engine);
  }
  // A model that is ready and that nobody uses.
  void bring(const std::string& model) {
    auto visit = this->visit(model);
    ready_.insert(model);
    pass(std::chrono::milliseconds(100));
    take(visit);
    ASSERT_TRUE(visit.lease) << model;
  }
  EngineState state(const std::string& model) { return pool_.find(model)->state; }
  EngineView view(const std::string& model) {
    for (const auto& engine : pool_.view().engines) {
      if (engine.name == model) return engine;
    }
    return {};
  }

  deadline::ManualClock clock_;
  net::Runtime runtime_{clock_};
  std::deque<Pool::Work> posted_;
  std::deque<FakeProcess> processes_;
  std::set<std::string> ready_;
  std::string cannot_start_;
  int woken_ = 0;
  std::function<Work(const config::LocalModel&)> works_ = [](const auto&) { return Work{}; };
  telemetry::Metrics metrics_;
  Pool pool_{{runtime_, [this](Pool::Work work) { posted_.push_back(std::move(work)); }, *this, *this,
              [] { return std::uint64_t{64} << 30; }, memory_need, metrics_}};

 private:
  std::expected<std::unique_ptr<Launched>, std::string> start(
      const config::LocalModel& model, std::function<void(std::string)> on_exit) override {
    if (!cannot_start_.empty()) return std::unexpected(cannot_start_);
    auto& process = processes_.emplace_back();
    process.model = model.name;
    process.on_exit = std::move(on_exit);
    return std::make_unique<FakeLaunched>(processes_.back());
  }
  void ready(std::shared_ptr<const config::LocalModel> model, std::function<void(bool)> done) override {
    done(ready_.contains(model->name));
  }
  void work(std::shared_ptr<const config::LocalModel> model, std::function<void(Work)> done) override {
    done(works_(*model));
  }
};

}  // namespace punctual::pool
