// Starting an engine's process, behind an interface that a test can take over.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/pool.hpp"

namespace punctual::pool {

// A process that was started. Destroying it ends it at once. The pool's thread only.
class Launched {
 public:
  virtual ~Launched() = default;
  virtual int pid() const = 0;
  virtual void terminate() = 0;  // asks it to end
  virtual void kill() = 0;
  // Changes while the process says something.
  virtual std::uint64_t signs_of_life() const = 0;
  virtual std::uint64_t memory_bytes() const = 0;  // 0: not known
  virtual std::vector<std::string> last_lines() const = 0;
};

class Launcher {
 public:
  virtual ~Launcher() = default;
  // `on_exit` is called once, later, with "exit code 1" or the like. The error is one sentence without a
  // full stop.
  virtual std::expected<std::unique_ptr<Launched>, std::string> start(
      const config::LocalModel& model, std::function<void(std::string)> on_exit) = 0;
};

// What an engine is asked over HTTP, by a way that a test can take over. The pool's thread only; `done` is
// called once, later or within the call, unless the prober is destroyed before.
class Prober {
 public:
  virtual ~Prober() = default;
  // Whether it is ready to answer requests.
  virtual void ready(std::shared_ptr<const config::LocalModel> model, std::function<void(bool)> done) = 0;

  struct Work {
    enum class Kind : std::uint8_t {
      counted,
      silent,  // no answer, or one that cannot be understood
      unable,  // it is an engine that does not know the question
    };
    Kind kind = Kind::silent;
    std::uint32_t requests = 0;
  };
  // How many requests it has.
  virtual void work(std::shared_ptr<const config::LocalModel> model, std::function<void(Work)> done) = 0;
};

}  // namespace punctual::pool
