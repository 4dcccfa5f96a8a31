#include "process/child.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace punctual::process {

namespace {

// Of one turn, so that a child which floods cannot hold up the loop.
constexpr std::size_t turn_bytes_max = 64 * 1024;
// After the end: all that a pipe may hold, and a bound should somebody who left the group still write.
constexpr std::size_t rest_bytes_max = 1024 * 1024;
constexpr int gone_milliseconds_max = 5000;

Exit as_exit(int status) {
  Exit exit;
  if (WIFSIGNALED(status)) {
    exit.signal = WTERMSIG(status);
  } else {
    exit.code = WEXITSTATUS(status);
  }
  return exit;
}

}  // namespace

std::string Exit::text() const {
  if (code) return "exit code " + std::to_string(*code);
  if (!signal) return "unknown end";
  const char* name = ::sigabbrev_np(*signal);
  return name ? "killed by SIG" + std::string(name) : "killed by signal " + std::to_string(*signal);
}

std::expected<std::unique_ptr<Child>, std::string> Child::start(net::Loop& loop, const Command& command,
                                                                std::function<void(const Exit&)> on_exit) {
  auto launched = launch(command);
  if (!launched) return std::unexpected(launched.error());
  std::unique_ptr<Child> child(new Child(loop, *std::move(launched), std::move(on_exit)));
  if (!child->watch()) return std::unexpected(command.arguments[0] + " cannot be watched");
  return child;
}

Child::Child(net::Loop& loop, Launched launched, std::function<void(const Exit&)> on_exit)
    : loop_(loop), launched_(std::move(launched)), on_exit_(std::move(on_exit)) {}

Child::~Child() {
  close_output();
  if (exit_) return;
  kill();
  pollfd end{.fd = launched_.process.number(), .events = POLLIN, .revents = 0};
  while (::poll(&end, 1, gone_milliseconds_max) < 0 && errno == EINTR) {
  }
  reap();
  if (!exit_) loop_.forget(launched_.process.number(), *this);
}

bool Child::watch() {
  return loop_.watch(launched_.output.number(), *this, net::Loop::read_events) &&
         loop_.watch(launched_.process.number(), *this, net::Loop::read_events);
}

void Child::signal(int number) {
  // As long as it was not reaped its number, and that of its group, is nobody else's.
  if (!exit_) ::kill(-launched_.pid, number);
}

void Child::terminate() {
  signal(SIGTERM);
}

void Child::kill() {
  signal(SIGKILL);
}

void Child::read_output(std::size_t bytes_max) {
  std::array<char, 16 * 1024> buffer;
  for (std::size_t taken = 0; taken < bytes_max && launched_.output;) {
    const auto count = ::read(launched_.output.number(), buffer.data(), buffer.size());
    if (count > 0) {
      output_.append({buffer.data(), static_cast<std::size_t>(count)});
      taken += static_cast<std::size_t>(count);
    } else if (count < 0 && errno == EINTR) {
      continue;
    } else {
      if (count == 0 || errno != EAGAIN) close_output();
      return;
    }
  }
}

void Child::close_output() {
  if (!launched_.output) return;
  loop_.forget(launched_.output.number(), *this);
  launched_.output.close();
}

// False while it runs.
bool Child::reap() {
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(launched_.pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      info.si_pid == 0)
    return false;
  // Before it is reaped, while the number of the group cannot have become somebody else's.
  kill();
  int status = 0;
  if (::waitpid(launched_.pid, &status, WNOHANG) != launched_.pid) return false;
  exit_ = as_exit(status);
  loop_.forget(launched_.process.number(), *this);
  launched_.process.close();
  return true;
}

void Child::on_events(std::uint32_t) {
  read_output(turn_bytes_max);
  if (exit_ || !reap()) return;
  read_output(rest_bytes_max);
  close_output();
  launched_.input.close();
  const auto on_exit = std::exchange(on_exit_, nullptr);
  const Exit exit = *exit_;
  // Last: it may destroy this.
  if (on_exit) on_exit(exit);
}

}  // namespace punctual::process
