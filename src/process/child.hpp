// A supervised child process on one loop's thread: its output, its exit, and never an orphan.
//
// It leads a process group of its own, which is killed as a whole: when it is told to, when this is
// destroyed, and when the child itself has ended and others of the group have not. When the gateway is killed
// the kernel kills the child, and its standard input ends. The loop must outlive it; everything is of the
// loop's thread, which must live as long as the process (the kernel kills the child when the thread that
// started it ends).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/loop.hpp"
#include "process/command.hpp"
#include "process/launch.hpp"
#include "process/output_tail.hpp"

namespace punctual::process {

struct Exit {
  std::optional<int> code;
  std::optional<int> signal;
  // "exit code 1", "killed by SIGKILL".
  std::string text() const;
};

class Child final : public net::Pollable {
 public:
  // Blocks for the millisecond or two until the program was executed; the error says which program and why
  // not. `on_exit` is called once, on the loop's thread, after the child was reaped and its output was read
  // to the end; it may destroy the child. Others of its group are being killed then, which may take some
  // milliseconds more.
  static std::expected<std::unique_ptr<Child>, std::string> start(net::Loop& loop, const Command& command,
                                                                  std::function<void(const Exit&)> on_exit);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  // SIGKILL to the group if it still runs, and waits until it is gone (a few milliseconds; at most 5 s, while
  // the kernel holds it): on a loop that serves, `kill` first and wait for `on_exit`. It is not called any
  // more.
  ~Child();

  int pid() const { return launched_.pid; }
  void terminate();  // SIGTERM to its process group
  void kill();       // SIGKILL to its process group
  const std::optional<Exit>& exit() const { return exit_; }
  // All that it has written; grows while it says something: a sign of progress.
  std::uint64_t output_bytes() const { return output_.bytes(); }
  std::vector<std::string> last_lines() const { return output_.lines(); }

  void on_events(std::uint32_t events) override;

 private:
  Child(net::Loop& loop, Launched launched, std::function<void(const Exit&)> on_exit);

  bool watch();
  void signal(int number);
  void read_output(std::size_t bytes_max);
  void close_output();
  bool reap();

  net::Loop& loop_;
  Launched launched_;
  std::function<void(const Exit&)> on_exit_;
  OutputTail output_;
  std::optional<Exit> exit_;
};

}  // namespace punctual::process
