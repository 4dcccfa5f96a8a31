#include "process/memory.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <vector>

#include "base/temporary_folder_testing.hpp"
#include "net/loop_testing.hpp"
#include "process/child.hpp"

namespace punctual::process {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

TEST(Memory, OfAProcessGrowsWithWhatItTouches) {
  const auto before = memory_of(::getpid());
  ASSERT_TRUE(before.has_value());
  EXPECT_GT(before->anonymous_bytes, 0U);
  EXPECT_GT(before->file_bytes, 0U);
  std::vector<char> touched(64 * mebibyte, 'x');
  // Seen by somebody else, so that the compiler must really make it.
  asm volatile("" : : "r"(touched.data()) : "memory");
  const auto after = memory_of(::getpid());
  ASSERT_TRUE(after.has_value());
  EXPECT_GT(after->anonymous_bytes, before->anonymous_bytes + 60 * mebibyte);
}

TEST(Memory, OfAGroupIsOfAllInIt) {
  const deadline::SystemClock clock;
  net::Loop loop(clock);
  auto child = Child::start(
      loop,
      {.arguments = {"sh", "-c", "sleep 1000 & sleep 1000 & echo; wait"}, .environment = {}, .folder = {}},
      [](const Exit&) {});
  ASSERT_TRUE(child.has_value());
  ASSERT_TRUE(net::run_until(loop, [&child] { return (*child)->output_bytes() > 0; }));
  const int group = (*child)->pid();
  const auto one = memory_of(group);
  const auto all = memory_of_group(group);
  ASSERT_TRUE(one && all);
  EXPECT_GT(all->anonymous_bytes, one->anonymous_bytes);
  child->reset();
  EXPECT_FALSE(memory_of(group).has_value());
  constexpr int beyond_all = (1 << 22) + 1;
  EXPECT_FALSE(memory_of_group(beyond_all).has_value());
}

class MachineMemoryOf : public testing::Test {
 protected:
  MachineMemoryOf() {
    put("proc/meminfo", "MemTotal:       1000000 kB\nMemFree: 1 kB\nMemAvailable:    800000 kB\n");
    put("proc/self/cgroup", "4:memory:/old\n0::/outer/inner\n");
  }
  void put(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }
  MachineMemory memory() const {
    return machine_memory({.proc = root / "proc", .cgroup = root / "cgroup"}).value_or(MachineMemory{});
  }

  base::TemporaryFolder own;
  std::filesystem::path root = own.path();
};

TEST_F(MachineMemoryOf, NoLimitIsThatOfTheMachine) {
  put("cgroup/outer/inner/memory.max", "max\n");
  EXPECT_EQ(memory().total_bytes, 1'024'000'000U);
  EXPECT_EQ(memory().available_bytes, 819'200'000U);
}

TEST_F(MachineMemoryOf, ALimitAnywhereOnThePathCounts) {
  put("cgroup/outer/inner/memory.max", "max\n");
  put("cgroup/outer/memory.max", "500000000\n");
  put("cgroup/outer/memory.current", "400000000\n");
  put("cgroup/outer/memory.stat", "anon 1\ninactive_file 150000000\nactive_file 7\n");
  EXPECT_EQ(memory().total_bytes, 500'000'000U);
  EXPECT_EQ(memory().available_bytes, 250'000'000U);
}

TEST_F(MachineMemoryOf, ANamespaceHasItsLimitAtItsRoot) {
  put("proc/self/cgroup", "0::/\n");
  put("cgroup/memory.max", "300000000\n");
  put("cgroup/memory.current", "400000000\n");
  EXPECT_EQ(memory().total_bytes, 300'000'000U);
  EXPECT_EQ(memory().available_bytes, 0U);
}

TEST_F(MachineMemoryOf, APathOutsideIsNotFollowed) {
  put("proc/self/cgroup", "0::/../../outer\n");
  put("memory.max", "1\n");
  EXPECT_EQ(memory().total_bytes, 1'024'000'000U);
}

TEST(MachineMemory, IsKnownHere) {
  const auto memory = machine_memory();
  ASSERT_TRUE(memory.has_value());
  EXPECT_GT(memory->total_bytes, memory->available_bytes);
  EXPECT_GT(memory->available_bytes, 0U);
}

}  // namespace
}  // namespace punctual::process
