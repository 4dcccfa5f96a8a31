#include "deadline/phase.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace punctual::deadline {
namespace {

TEST(Phase, NamesAreTheOnesOfTheErrors) {
  constexpr std::array<std::string_view, phase_count> names = {
      "total", "receive", "queue", "load", "connect", "first_token", "idle", "attempt", "drain",
  };
  for (std::size_t i = 0; i < phase_count; ++i) {
    EXPECT_EQ(index_of(all_phases[i]), i);
    EXPECT_EQ(name_of(all_phases[i]), names[i]);
    EXPECT_EQ(phase_named(names[i]), all_phases[i]);
  }
}

TEST(Phase, OtherNamesAreNone) {
  for (const std::string_view wrong : {"", "Total", "total ", "first-token", "nonsense"})
    EXPECT_EQ(phase_named(wrong), std::nullopt) << wrong;
}

TEST(Phase, EachButTotalSaysWhatIsMissing) {
  std::set<std::string_view> seen;
  for (const Phase phase : all_phases) {
    EXPECT_EQ(missing_event(phase).empty(), phase == Phase::total);
    EXPECT_TRUE(seen.insert(missing_event(phase)).second) << name_of(phase);
  }
  EXPECT_EQ(missing_event(Phase::first_token), "no first token");
}

}  // namespace
}  // namespace punctual::deadline
