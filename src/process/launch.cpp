#include "process/launch.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <system_error>
#include <utility>

#include "process/mark.hpp"

namespace punctual::process {

namespace {

struct Pipe {
  Descriptor reading;
  Descriptor writing;
};

enum class Step : int { folder, execute };

// What the child says through a pipe that the exec closes.
struct Failure {
  Step step = Step::execute;
  int error = 0;
};

std::string reason(int error) {
  return std::generic_category().message(error);
}

// Never 0, 1 or 2, even if ours are closed: the child puts its own there.
Descriptor above_standard(int number) {
  Descriptor made(number);
  if (number < 0 || number > 2) return made;
  return Descriptor(::fcntl(number, F_DUPFD_CLOEXEC, 3));
}

Pipe make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  return {.reading = above_standard(ends[0]), .writing = above_standard(ends[1])};
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (const auto& text : texts)
    all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

bool has_zero(const std::vector<std::string>& texts) {
  return std::ranges::any_of(texts, [](const auto& text) { return text.find('\0') != std::string::npos; });
}

// Everything that the child needs, made before the fork.
struct Prepared {
  const char* program;
  const char* folder;  // nullptr: ours
  char* const* arguments;
  char* const* environment;
  int input;
  int output;
  int failure;
  pid_t parent;
};

[[noreturn]] void fail(const Prepared& prepared, Step step) {
  const Failure failure{.step = step, .error = errno};
  [[maybe_unused]] const auto written = ::write(prepared.failure, &failure, sizeof failure);
  ::_exit(127);
}

// In the child. Signals are blocked until the end, so that no handler of ours runs here.
[[noreturn]] void become(const Prepared& prepared) {
  ::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
  if (::getppid() != prepared.parent) ::_exit(127);
  ::setpgid(0, 0);
  struct sigaction usual{};
  usual.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal)
    ::sigaction(signal, &usual, nullptr);
  ::dup2(prepared.input, STDIN_FILENO);
  ::dup2(prepared.output, STDOUT_FILENO);
  ::dup2(prepared.output, STDERR_FILENO);
  // Those that a library of ours left open; kernels before 5.11 do not know it, and ours are all marked
  // anyway.
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (prepared.folder && ::chdir(prepared.folder) != 0) fail(prepared, Step::folder);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(prepared.program, prepared.arguments, prepared.environment);
  fail(prepared, Step::execute);
}

pid_t fork_into(const Prepared& prepared) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) become(prepared);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

// Nothing, once the program was executed (the pipe ends).
std::optional<Failure> wait_for_exec(int descriptor) {
  Failure failure;
  ssize_t count = 0;
  do {
    count = ::read(descriptor, &failure, sizeof failure);
  } while (count < 0 && errno == EINTR);
  if (count != sizeof failure) return std::nullopt;
  return failure;
}

void kill_and_reap(pid_t pid) {
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

int Descriptor::release() {
  return std::exchange(number_, -1);
}

void Descriptor::close() {
  if (number_ >= 0) ::close(release());
}

std::expected<Launched, std::string> launch(const Command& command) {
  if (command.arguments.empty() || command.arguments[0].empty())
    return std::unexpected("there is no program to start: the command is empty");
  const auto& name = command.arguments[0];
  const auto refused = [&name](const std::string& why) {
    return std::unexpected(name + " cannot be started: " + why);
  };
  if (has_zero(command.arguments) || has_zero(command.environment) || has_zero({command.folder}))
    return refused("the command has a zero byte in it");
  auto environment = child_environment(environ, command.environment);
  environment.push_back(own_mark());
  const auto program = find_program(name, environment);
  if (program.empty()) return refused("no such program in PATH");

  Pipe input = make_pipe();
  Pipe output = make_pipe();
  Pipe failed = make_pipe();
  if (!input.writing || !output.writing || !failed.writing) return refused("no pipe: " + reason(errno));
  if (::fcntl(output.reading.number(), F_SETFL, O_NONBLOCK) != 0) return refused("no pipe: " + reason(errno));

  const auto argument_pointers = pointers(command.arguments);
  const auto environment_pointers = pointers(environment);
  const pid_t pid = fork_into({.program = program.c_str(),
                               .folder = command.folder.empty() ? nullptr : command.folder.c_str(),
                               .arguments = argument_pointers.data(),
                               .environment = environment_pointers.data(),
                               .input = input.reading.number(),
                               .output = output.writing.number(),
                               .failure = failed.writing.number(),
                               .parent = ::getpid()});
  if (pid < 0) return refused("no process: " + reason(errno));
  failed.writing.close();
  if (const auto failure = wait_for_exec(failed.reading.number())) {
    kill_and_reap(pid);
    return refused((failure->step == Step::folder ? "its folder " + command.folder + ": " : std::string()) +
                   reason(failure->error));
  }
  Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process) {
    const int error = errno;
    ::kill(-pid, SIGKILL);
    kill_and_reap(pid);
    return refused("pidfd_open: " + reason(error));
  }
  // The system call sets close-on-exec by itself.
  return Launched{.pid = pid,
                  .process = std::move(process),
                  .input = std::move(input.writing),
                  .output = std::move(output.reading)};
}

}  // namespace punctual::process
