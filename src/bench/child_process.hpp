// A program under test: started on one core, ended with us, and what it has used so far.
//
// Linux only (affinity, /proc). Needs `setpriv` of util-linux, so that the child dies when we do, however
// that happens. One thread only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace punctual::bench {

// From now on this process runs on `core` alone. False when there is no such core.
bool stay_on_core(int core);

// As many open files as the system allows, for us and the children; returns how many.
std::size_t raise_file_limit();

struct Usage {
  std::uint64_t cpu_nanoseconds = 0;  // all threads, user and system
  std::uint64_t user_ticks = 0;       // of CPU time, in clock ticks: good for their ratio only
  std::uint64_t system_ticks = 0;
};

struct Memory {
  std::uint64_t resident_bytes = 0;
  std::uint64_t proportional_bytes = 0;
  std::uint64_t anonymous_bytes = 0;
};

class ChildProcess {
 public:
  // `arguments` begins with the program, looked for in PATH. Its output goes to the file `log`. The caller
  // runs on `own_core` afterwards as before.
  static std::expected<std::unique_ptr<ChildProcess>, std::string> start(
      const std::vector<std::string>& arguments, const std::string& log, int core, int own_core);
  // Ends it, in order if it can (a profiler wants to write down what it saw).
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  bool running();
  Usage usage() const;
  Memory memory() const;

 private:
  explicit ChildProcess(pid_t id) : id_(id) {}

  pid_t id_;
  bool ended_ = false;
};

}  // namespace punctual::bench
