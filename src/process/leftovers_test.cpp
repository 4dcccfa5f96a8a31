#include "process/leftovers.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>

#include "base/temporary_folder_testing.hpp"
#include "base/text.hpp"
#include "net/loop_testing.hpp"
#include "process/child.hpp"
#include "process/stat.hpp"

namespace punctual::process {
namespace {

using testing::ElementsAre;

class LeftoversOf : public testing::Test {
 protected:
  LeftoversOf() {
    auto started = Child::start(loop, {.arguments = {"sleep", "1000"}, .environment = {}, .folder = {}},
                                [this](const Exit& end) { exit = end; });
    EXPECT_TRUE(started.has_value());
    child = *std::move(started);
  }

  // As an earlier gateway would have left it: its line, but with another start time of the gateway's.
  void be_killed(std::uint64_t child_ticks_added = 0, const std::string& boot = {}) {
    auto stat = stat_of(child->pid());
    ASSERT_TRUE(stat.has_value());
    auto boot_id = read_small("/proc/sys/kernel/random/boot_id");
    boot_id.resize(36);
    std::ofstream(folder / "children")
        << child->pid() << ' ' << stat->start_ticks + child_ticks_added << ' ' << ::getpid() << ' ' << 1
        << ' ' << (boot.empty() ? boot_id : boot) << '\n';
  }
  bool runs() const {
    const auto stat = stat_of(child->pid());
    return stat && stat->state != 'Z';
  }

  deadline::SystemClock clock;
  net::Loop loop{clock};
  base::TemporaryFolder folder;
  std::optional<Exit> exit;
  std::unique_ptr<Child> child;
};

TEST_F(LeftoversOf, AKilledGatewayAreEnded) {
  be_killed();
  EXPECT_THAT(Leftovers(folder.path()).end_all(), ElementsAre(child->pid()));
  EXPECT_FALSE(runs());
  EXPECT_TRUE(net::run_until(loop, [this] { return exit.has_value(); }));
  EXPECT_EQ(exit->text(), "killed by SIGKILL");
  EXPECT_EQ(read_small(folder / "children"), "");
}

TEST_F(LeftoversOf, AnotherStartTimeAreSomebodyElses) {
  be_killed(1);
  EXPECT_THAT(Leftovers(folder.path()).end_all(), ElementsAre());
  EXPECT_TRUE(runs());
}

TEST_F(LeftoversOf, AnotherBootAreSomebodyElses) {
  be_killed(0, "00000000-0000-0000-0000-000000000000");
  EXPECT_THAT(Leftovers(folder.path()).end_all(), ElementsAre());
  EXPECT_TRUE(runs());
}

TEST_F(LeftoversOf, ARunningGatewayAreNone) {
  Leftovers leftovers(folder.path());
  ASSERT_TRUE(leftovers.note(child->pid()).has_value());
  EXPECT_THAT(Leftovers(folder.path()).end_all(), ElementsAre());
  EXPECT_TRUE(runs());
  EXPECT_NE(read_small(folder / "children"), "");
  ASSERT_TRUE(leftovers.forget(child->pid()).has_value());
  EXPECT_EQ(read_small(folder / "children"), "");
}

TEST_F(LeftoversOf, GarbageAreNone) {
  for (const auto* text : {"", "\n\n", "0 0 0 0 x", "1 1 1 1 x\n", "-1 2 3 4 x", "99999999999 1 2 3 x",
                           "5 5 5 5", "a b c d e f g", "4294967297 1 1 1 boot"}) {
    std::ofstream(folder / "children") << text;
    EXPECT_THAT(Leftovers(folder.path()).end_all(), ElementsAre()) << text;
  }
  EXPECT_TRUE(runs());
}

TEST_F(LeftoversOf, AnUnwritableFolderSayIt) {
  Leftovers leftovers(folder / "nonesuch");
  const auto noted = leftovers.note(child->pid());
  ASSERT_FALSE(noted.has_value());
  EXPECT_THAT(noted.error(), testing::HasSubstr("cannot be written"));
}

// A gateway in small: its child, a shell, has a child of its own, which does not die with it.
[[noreturn]] void be_a_gateway(const std::filesystem::path& folder, int answer) {
  const deadline::SystemClock clock;
  net::Loop loop(clock);
  auto shell = Child::start(
      loop, {.arguments = {"sh", "-c", "sleep 1000 & echo $!; wait"}, .environment = {}, .folder = {}},
      [](const Exit&) {});
  if (!shell) ::_exit(1);
  Leftovers leftovers(folder);
  if (!leftovers.note((*shell)->pid())) ::_exit(1);
  net::run_until(loop, [&shell] { return (*shell)->output_bytes() > 0; });
  const auto lines = (*shell)->last_lines();
  const auto grandchild = lines.empty() ? 0 : base::parse_unsigned(lines[0]).value_or(0);
  const std::array pids{(*shell)->pid(), static_cast<int>(grandchild)};
  [[maybe_unused]] const auto written = ::write(answer, pids.data(), sizeof pids);
  loop.run();
  ::_exit(1);
}

TEST_F(LeftoversOf, AKilledGatewaysChildAreEndedToo) {
  std::array<int, 2> answer{};
  ASSERT_EQ(::pipe2(answer.data(), O_CLOEXEC), 0);
  const pid_t gateway = ::fork();
  if (gateway == 0) be_a_gateway(folder.path(), answer[1]);
  ::close(answer[1]);
  std::array<int, 2> pids{};
  ASSERT_EQ(::read(answer[0], pids.data(), sizeof pids), static_cast<ssize_t>(sizeof pids));
  ::close(answer[0]);
  EXPECT_THAT(Leftovers(folder.path()).end_all(), ElementsAre()) << "it runs";
  const Descriptor shell(static_cast<int>(::syscall(SYS_pidfd_open, pids[0], 0)));
  ::kill(gateway, SIGKILL);
  pollfd end{.fd = shell.number(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(::poll(&end, 1, 20'000), 1);
  EXPECT_EQ(::waitpid(gateway, nullptr, 0), gateway);
  EXPECT_THAT(Leftovers(folder.path()).end_all(), ElementsAre(pids[1]));
  const auto stat = stat_of(pids[1]);
  EXPECT_TRUE(!stat || stat->state == 'Z');
  EXPECT_TRUE(runs()) << "that of another gateway";
}

TEST(Stat, IsReadWhateverTheProgramIsCalled) {
  const auto stat =
      parse_stat("42 (a) b (c) S 7 42 42 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 123456 99 100\n");
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->parent, 7);
  EXPECT_EQ(stat->group, 42);
  EXPECT_EQ(stat->start_ticks, 123456U);
  EXPECT_FALSE(parse_stat("").has_value());
  EXPECT_FALSE(parse_stat("42 (a) S 7").has_value());
  EXPECT_EQ(stat_of(::getpid())->parent, ::getppid());
}

}  // namespace
}  // namespace punctual::process
