#include "process/leftovers.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>

#include "net/loop_testing.hpp"
#include "process/child.hpp"
#include "process/stat.hpp"

namespace punctual::process {
namespace {

using testing::ElementsAre;

class LeftoversOf : public testing::Test {
 protected:
  LeftoversOf() {
    std::string name = std::filesystem::temp_directory_path() / "punctual_leftovers_XXXXXX";
    folder = ::mkdtemp(name.data());
    auto started = Child::start(loop, {.arguments = {"sleep", "1000"}, .environment = {}, .folder = {}},
                                [this](const Exit& end) { exit = end; });
    EXPECT_TRUE(started.has_value());
    child = *std::move(started);
  }
  ~LeftoversOf() override { std::filesystem::remove_all(folder); }

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
  std::filesystem::path folder;
  std::optional<Exit> exit;
  std::unique_ptr<Child> child;
};

TEST_F(LeftoversOf, AKilledGatewayAreEnded) {
  be_killed();
  EXPECT_THAT(Leftovers(folder).end_all(), ElementsAre(child->pid()));
  EXPECT_FALSE(runs());
  EXPECT_TRUE(net::run_until(loop, [this] { return exit.has_value(); }));
  EXPECT_EQ(exit->text(), "killed by SIGKILL");
  EXPECT_EQ(read_small(folder / "children"), "");
}

TEST_F(LeftoversOf, AnotherStartTimeAreSomebodyElses) {
  be_killed(1);
  EXPECT_THAT(Leftovers(folder).end_all(), ElementsAre());
  EXPECT_TRUE(runs());
}

TEST_F(LeftoversOf, AnotherBootAreSomebodyElses) {
  be_killed(0, "00000000-0000-0000-0000-000000000000");
  EXPECT_THAT(Leftovers(folder).end_all(), ElementsAre());
  EXPECT_TRUE(runs());
}

TEST_F(LeftoversOf, ARunningGatewayAreNone) {
  Leftovers leftovers(folder);
  ASSERT_TRUE(leftovers.note(child->pid()).has_value());
  EXPECT_THAT(Leftovers(folder).end_all(), ElementsAre());
  EXPECT_TRUE(runs());
  EXPECT_NE(read_small(folder / "children"), "");
  ASSERT_TRUE(leftovers.forget(child->pid()).has_value());
  EXPECT_EQ(read_small(folder / "children"), "");
}

TEST_F(LeftoversOf, GarbageAreNone) {
  for (const auto* text : {"", "\n\n", "0 0 0 0 x", "1 1 1 1 x\n", "-1 2 3 4 x", "99999999999 1 2 3 x",
                           "5 5 5 5", "a b c d e f g", "4294967297 1 1 1 boot"}) {
    std::ofstream(folder / "children") << text;
    EXPECT_THAT(Leftovers(folder).end_all(), ElementsAre()) << text;
  }
  EXPECT_TRUE(runs());
}

TEST_F(LeftoversOf, AnUnwritableFolderSayIt) {
  Leftovers leftovers(folder / "nonesuch");
  const auto noted = leftovers.note(child->pid());
  ASSERT_FALSE(noted.has_value());
  EXPECT_THAT(noted.error(), testing::HasSubstr("cannot be written"));
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
