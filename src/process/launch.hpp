// Starting a program as the leader of a process group of its own, tied to our life: fork and exec.
//
// fork, not posix_spawn: only code of ours between the two can ask for the signal at our death and look
// whether we live (PR_SET_PDEATHSIG, getppid). That code makes async-signal-safe calls only, and nothing but
// the stack and what was made before the fork is touched. Blocks until the program was executed, a
// millisecond or two.
//
// The program is killed when the thread that started it ends: start only from a thread that lives as long as
// the process. What runs as another user (setuid) loses that; its standard input, which ends with us, is what
// is left.
#pragma once

#include <expected>
#include <string>

#include "process/command.hpp"

namespace punctual::process {

// Closed when destroyed.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { close(); }

  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  int release();
  void close();

 private:
  int number_ = -1;
};

// All descriptors are close-on-exec. Whoever has it must kill and reap the process.
struct Launched {
  int pid = -1;        // of its process group too
  Descriptor process;  // a pidfd: readable once the process has ended
  Descriptor input;    // the writing end of its standard input
  Descriptor output;   // what it writes to standard output and standard error; non-blocking
};

// The error says which program and why, as in "nonesuch cannot be started: no such program in PATH".
std::expected<Launched, std::string> launch(const Command& command);

}  // namespace punctual::process
