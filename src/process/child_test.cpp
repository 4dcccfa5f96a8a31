#include "process/child.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>

#include "base/text.hpp"
#include "net/loop_testing.hpp"
#include "process/stat.hpp"

namespace punctual::process {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Descriptor watch_of(int pid) {
  return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

// Waits for the end of any process, of which `watch_of` was asked while it ran.
bool ends(const Descriptor& process) {
  pollfd end{.fd = process.number(), .events = POLLIN, .revents = 0};
  return ::poll(&end, 1, 20'000) == 1;
}

class Children : public testing::Test {
 protected:
  Command shell(std::string script) {
    return {.arguments = {"sh", "-c", std::move(script)}, .environment = {}, .folder = {}};
  }
  Child& start(const Command& command) {
    auto started = Child::start(loop, command, [this](const Exit& exit) {
      ++exits;
      last = exit;
    });
    EXPECT_TRUE(started.has_value()) << started.error();
    child = *std::move(started);
    return *child;
  }
  std::string run(const Command& command) {
    start(command);
    EXPECT_TRUE(net::run_until(loop, [this] { return exits == 1; }));
    return last.text();
  }
  bool says(std::string_view text) {
    return net::run_until(loop, [&] {
      const auto lines = child->last_lines();
      return !lines.empty() && lines.back() == text;
    });
  }
  // Runs until there is a line, which must be a number.
  int said_number() {
    EXPECT_TRUE(net::run_until(loop, [this] { return child->output_bytes() > 0; }));
    const auto lines = child->last_lines();
    return lines.empty() ? -1 : static_cast<int>(base::parse_unsigned(lines[0]).value_or(0));
  }

  deadline::SystemClock clock;
  net::Loop loop{clock};
  int exits = 0;
  Exit last;
  std::unique_ptr<Child> child;
};

TEST_F(Children, EndWithACode) {
  EXPECT_EQ(run(shell("echo out; echo err >&2; exit 3")), "exit code 3");
  EXPECT_EQ(last.code, 3);
  EXPECT_EQ(last.signal, std::nullopt);
  EXPECT_TRUE(child->exit().has_value());
  EXPECT_THAT(child->last_lines(), ElementsAre("out", "err"));
  EXPECT_EQ(child->output_bytes(), 8U);
  child->kill();
  EXPECT_EQ(exits, 1);
}

TEST_F(Children, EndBySignals) {
  start(shell("echo ready; exec sleep 1000"));
  ASSERT_TRUE(says("ready"));
  EXPECT_FALSE(child->exit().has_value());
  child->terminate();
  ASSERT_TRUE(net::run_until(loop, [this] { return exits == 1; }));
  EXPECT_EQ(last.text(), "killed by SIGTERM");
  EXPECT_EQ(last.signal, SIGTERM);
}

TEST_F(Children, AreKilledIfTheyIgnoreBeingAsked) {
  start(shell("trap 'echo asked' TERM; echo ready; while :; do sleep 0.01; done"));
  ASSERT_TRUE(says("ready"));
  child->terminate();
  ASSERT_TRUE(says("asked"));
  child->kill();
  ASSERT_TRUE(net::run_until(loop, [this] { return exits == 1; }));
  EXPECT_EQ(last.text(), "killed by SIGKILL");
}

TEST_F(Children, LeaveNoZombie) {
  run(shell("exit 0"));
  EXPECT_EQ(::waitpid(child->pid(), nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(Children, ThatCannotBeStartedSayWhy) {
  const auto error = [this](const Command& command) {
    auto started = Child::start(loop, command, [this](const Exit&) { ++exits; });
    return started ? "started" : started.error();
  };
  EXPECT_EQ(error({.arguments = {"punctual-nonesuch"}, .environment = {}, .folder = {}}),
            "punctual-nonesuch cannot be started: no such program in PATH");
  EXPECT_EQ(error({.arguments = {"/nonesuch/engine"}, .environment = {}, .folder = {}}),
            "/nonesuch/engine cannot be started: No such file or directory");
  EXPECT_EQ(error({.arguments = {"/etc/passwd"}, .environment = {}, .folder = {}}),
            "/etc/passwd cannot be started: Permission denied");
  EXPECT_EQ(error({.arguments = {"sh"}, .environment = {}, .folder = "/nonesuch"}),
            "sh cannot be started: its folder /nonesuch: No such file or directory");
  EXPECT_THAT(error({}), HasSubstr("empty"));
  EXPECT_THAT(error({.arguments = {"sh", std::string("a\0b", 3)}, .environment = {}, .folder = {}}),
              HasSubstr("zero byte"));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "no zombie";
  EXPECT_EQ(exits, 0);
}

TEST_F(Children, RunInTheirFolder) {
  auto command = shell("pwd");
  command.folder = "/usr";
  run(command);
  EXPECT_THAT(child->last_lines(), ElementsAre("/usr"));
}

TEST_F(Children, ThatFloodAreReadInBounds) {
  EXPECT_EQ(run(shell("yes 'a line of the flood' | head -c 10000000; echo; echo last")), "exit code 0");
  EXPECT_GE(child->output_bytes(), 10'000'000U);
  const auto lines = child->last_lines();
  ASSERT_EQ(lines.size(), OutputTail::lines_max);
  EXPECT_EQ(lines.back(), "last");
}

TEST_F(Children, ThatFloodDoNotHoldUpTheLoop) {
  start(shell("exec yes"));
  bool posted = false;
  ASSERT_TRUE(net::run_until(loop, [this] { return child->output_bytes() > 1'000'000; }));
  loop.post([&posted] { posted = true; });
  EXPECT_TRUE(net::run_until(loop, [&posted] { return posted; }));
  child.reset();
}

TEST_F(Children, MayWriteAnything) {
  run(shell("printf 'a\\377\\033[31mb\\007\\n'"));
  EXPECT_THAT(child->last_lines(), ElementsAre("a\xef\xbf\xbd"
                                               "b\xef\xbf\xbd"));
}

TEST_F(Children, TakeTheirGroupWithThem) {
  start(shell("sleep 1000 & echo $!; wait"));
  const auto grandchild = watch_of(said_number());
  ASSERT_TRUE(grandchild);
  child->kill();
  ASSERT_TRUE(net::run_until(loop, [this] { return exits == 1; }));
  EXPECT_TRUE(ends(grandchild));
}

TEST_F(Children, ThatEndThemselvesTakeTheirGroupWithThem) {
  start(shell("sleep 1000 & echo $!; read line"));
  const auto grandchild = watch_of(said_number());
  ASSERT_TRUE(grandchild);
  ::kill(child->pid(), SIGTERM);
  ASSERT_TRUE(net::run_until(loop, [this] { return exits == 1; }));
  EXPECT_EQ(last.text(), "killed by SIGTERM");
  EXPECT_TRUE(ends(grandchild));
}

TEST_F(Children, ThatLeaveTheGroupDoNotDelayTheEnd) {
  start(shell("setsid sleep 1000 & echo $!; exit 0"));
  ASSERT_TRUE(net::run_until(loop, [this] { return exits == 1; }));
  const int escaped = said_number();
  ASSERT_GT(escaped, 1);
  ::kill(escaped, SIGKILL);
}

TEST_F(Children, EndWhenDestroyed) {
  start(shell("trap '' TERM; sleep 1000 & echo $!; wait"));
  const auto grandchild = watch_of(said_number());
  const int pid = child->pid();
  child.reset();
  EXPECT_FALSE(stat_of(pid).has_value());
  EXPECT_TRUE(ends(grandchild));
  loop.post([] {});
  loop.run_once();
  EXPECT_EQ(exits, 0);
}

TEST_F(Children, MayBeDestroyedByTheirOwnEnd) {
  auto started = Child::start(loop, shell("exit 1"), [this](const Exit&) {
    child.reset();
    ++exits;
  });
  ASSERT_TRUE(started.has_value());
  child = *std::move(started);
  EXPECT_TRUE(net::run_until(loop, [this] { return exits == 1; }));
  EXPECT_EQ(child, nullptr);
}

TEST_F(Children, GetNoSecrets) {
  ::setenv("PUNCTUAL_MASTER_KEY", "secret", 1);
  ::setenv("OPENAI_API_KEY", "secret", 1);
  ::setenv("LLAMA_API_KEY", "secret", 1);
  ::setenv("CUDA_VISIBLE_DEVICES", "1", 1);
  auto command = shell("env | sort");
  command.environment = {"LLAMA_API_KEY=its own", "HOME=/elsewhere"};
  run(command);
  const auto lines = child->last_lines();
  EXPECT_THAT(lines,
              testing::IsSupersetOf({"LLAMA_API_KEY=its own", "HOME=/elsewhere", "CUDA_VISIBLE_DEVICES=1"}));
  EXPECT_THAT(lines, testing::Each(testing::Not(HasSubstr("secret"))));
  for (const auto* name : {"PUNCTUAL_MASTER_KEY", "OPENAI_API_KEY", "LLAMA_API_KEY", "CUDA_VISIBLE_DEVICES"})
    ::unsetenv(name);
}

TEST_F(Children, GetNoOtherDescriptorsAndUsualSignals) {
  // One that a library of ours forgot to mark.
  const Descriptor forgotten(::fcntl(STDERR_FILENO, F_DUPFD, 200));
  const auto its_name = "/proc/$$/fd/" + std::to_string(forgotten.number());
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const auto pipe_signal = std::signal(SIGPIPE, SIG_IGN);
  start(shell("test -e " + its_name + " || echo closed; exec grep -E 'Sig(Blk|Ign)' /proc/self/status"));
  std::signal(SIGPIPE, pipe_signal);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(net::run_until(loop, [this] { return exits == 1; }));
  EXPECT_THAT(child->last_lines(),
              ElementsAre("closed", "SigBlk: 0000000000000000", "SigIgn: 0000000000000000"));
}

// A gateway in small: it starts a child, says its pid, and waits to be killed.
[[noreturn]] void be_a_parent(int answer) {
  const deadline::SystemClock clock;
  net::Loop loop(clock);
  auto child = Child::start(loop, {.arguments = {"sleep", "1000"}, .environment = {}, .folder = {}},
                            [](const Exit&) {});
  const int pid = child ? (*child)->pid() : -1;
  [[maybe_unused]] const auto written = ::write(answer, &pid, sizeof pid);
  loop.run();
  ::_exit(1);
}

TEST(ChildOfAKilledParent, IsKilledByTheKernel) {
  std::array<int, 2> answer{};
  ASSERT_EQ(::pipe2(answer.data(), O_CLOEXEC), 0);
  const pid_t parent = ::fork();
  if (parent == 0) be_a_parent(answer[1]);
  int pid = -1;
  ASSERT_EQ(::read(answer[0], &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
  const auto child = watch_of(pid);
  ASSERT_TRUE(child);
  ::kill(parent, SIGKILL);
  EXPECT_EQ(::waitpid(parent, nullptr, 0), parent);
  EXPECT_TRUE(ends(child));
  ::close(answer[0]);
  ::close(answer[1]);
}

}  // namespace
}  // namespace punctual::process
