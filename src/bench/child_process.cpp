#include "bench/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace punctual::bench {

namespace {

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint64_t kibibytes_after(const std::string& text, std::string_view name) {
  const auto found = text.find(name);
  if (found == std::string::npos) return 0;
  return std::strtoull(text.c_str() + found + name.size(), nullptr, 10) * 1024;
}

}  // namespace

bool stay_on_core(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(core), &set);
  return sched_setaffinity(0, sizeof set, &set) == 0;
}

std::size_t raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::size_t>(limit.rlim_cur);
}

std::expected<std::unique_ptr<ChildProcess>, std::string> ChildProcess::start(
    const std::vector<std::string>& arguments, const std::string& log, int core, int own_core) {
  std::vector<std::string> all = {"setpriv", "--pdeathsig", "KILL"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(all.size() + 1);
  for (auto& argument : all)
    pointers.push_back(argument.data());
  pointers.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0640);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t id = 0;
  // A child inherits the core that its parent is on.
  stay_on_core(core);
  const int error = posix_spawnp(&id, "setpriv", &actions, nullptr, pointers.data(), environ);
  stay_on_core(own_core);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return std::unexpected("cannot start " + arguments.front() + ": " + std::strerror(error));
  return std::unique_ptr<ChildProcess>(new ChildProcess(id));
}

ChildProcess::~ChildProcess() {
  if (!running()) return;
  ::kill(id_, SIGTERM);
  const int watched = static_cast<int>(::syscall(SYS_pidfd_open, id_, 0));
  pollfd end{.fd = watched, .events = POLLIN, .revents = 0};
  constexpr int patience_milliseconds = 10'000;
  const bool ended = watched >= 0 && ::poll(&end, 1, patience_milliseconds) > 0;
  if (watched >= 0) ::close(watched);
  if (!ended) ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
}

bool ChildProcess::running() {
  if (!ended_) ended_ = ::waitpid(id_, nullptr, WNOHANG) != 0;
  return !ended_;
}

Usage ChildProcess::usage() const {
  const std::filesystem::path process = "/proc/" + std::to_string(id_);
  Usage usage;
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator(process / "task", error))
    usage.cpu_nanoseconds += std::strtoull(file_text(task.path() / "schedstat").c_str(), nullptr, 10);
  // "pid (name) state ...": the times are the 12th and 13th value after the name.
  const std::string text = file_text(process / "stat");
  const char* at = text.c_str() + std::min(text.rfind(')') + 4, text.size());
  constexpr int before_times = 10;
  for (int i = 0; i < before_times && *at != '\0'; ++at)
    i += *at == ' ';
  char* next = nullptr;
  usage.user_ticks = std::strtoull(at, &next, 10);
  usage.system_ticks = std::strtoull(next, nullptr, 10);
  return usage;
}

Memory ChildProcess::memory() const {
  const std::string text = file_text("/proc/" + std::to_string(id_) + "/smaps_rollup");
  return {kibibytes_after(text, "Rss:"), kibibytes_after(text, "Pss:"), kibibytes_after(text, "Anonymous:")};
}

}  // namespace punctual::bench
