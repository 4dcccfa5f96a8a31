// Looks, now and then, at providers whose breakers are open because nothing could be reached there: with a
// call that costs no tokens (the list of models). One that answers again gets its trial at once.
//
// A thread of its own, from `start` to the end.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "control/cores.hpp"
#include "gateway/core.hpp"
#include "targets/book.hpp"

namespace punctual::app {

class HealthChecks {
 public:
  using Current = std::function<std::shared_ptr<const gateway::Settings>()>;

  HealthChecks(targets::Book& book, control::Cores& cores, const deadline::Clock& clock, Current settings)
      : book_(book), cores_(cores), clock_(clock), settings_(std::move(settings)) {}
  ~HealthChecks() { stop(); }
  HealthChecks(const HealthChecks&) = delete;
  HealthChecks& operator=(const HealthChecks&) = delete;

  void start();
  void stop();

  // One round: how many providers were looked at. Waits for them.
  std::size_t look();

 private:
  void run();
  bool answers(const std::string& provider) const;

  targets::Book& book_;
  control::Cores& cores_;
  const deadline::Clock& clock_;
  Current settings_;
  std::mutex mutex_;  // over `ending_`
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace punctual::app
