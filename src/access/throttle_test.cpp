#include "access/throttle.hpp"

#include <gtest/gtest.h>

namespace punctual::access {
namespace {

using std::chrono::seconds;

class Throttle : public ::testing::Test {
 protected:
  deadline::Duration begin(std::string_view name, std::string_view peer = "p") {
    return throttle.begin(name, peer, now);
  }
  // The waits of attempts that are made as soon as they may be.
  deadline::Duration next_wait(std::string_view name, std::string_view peer) {
    EXPECT_EQ(begin(name, peer), seconds(0));
    const auto wait = begin(name, peer);
    now += wait;
    return wait;
  }

  LogInThrottle throttle;
  deadline::Instant now{std::chrono::hours(1)};
};

TEST_F(Throttle, DoublesTheWaitOfAName) {
  for (std::uint32_t i = 1; i < LogInThrottle::free_of_name; ++i)
    EXPECT_EQ(begin("ada", "p" + std::to_string(i)), seconds(0));
  int peer = 100;
  for (const int expected : {1, 2, 4, 8, 16, 32, 60, 60})
    EXPECT_EQ(next_wait("Ada", "p" + std::to_string(++peer)), seconds(expected));
}

TEST_F(Throttle, DoublesTheWaitOfAPeer) {
  for (std::uint32_t i = 1; i < LogInThrottle::free_of_peer; ++i)
    EXPECT_EQ(begin("n" + std::to_string(i)), seconds(0));
  int name = 100;
  for (const int expected : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900})
    EXPECT_EQ(next_wait("n" + std::to_string(++name), "p"), seconds(expected));
  EXPECT_EQ(begin("ada", "another"), seconds(0));
}

TEST_F(Throttle, CountsAttemptsThatAreStillGoingOn) {
  for (std::uint32_t i = 0; i < LogInThrottle::free_of_name; ++i)
    EXPECT_EQ(begin("ada"), seconds(0));
  EXPECT_EQ(begin("ada"), seconds(1));
  EXPECT_EQ(begin("ada"), seconds(1)) << "what is refused is not counted";
}

TEST_F(Throttle, ForgetsTheNameAfterASuccess) {
  for (int round = 0; round < 50; ++round) {
    EXPECT_EQ(begin("ada"), seconds(0));
    throttle.succeeded("ADA", "p");
  }
  EXPECT_EQ(throttle.entries(), 0U);
}

TEST_F(Throttle, DoesNotForgetThePeerForASuccessOfItsOwn) {
  deadline::Duration longest{};
  for (int round = 0; round < 40; ++round) {
    now += begin("victim" + std::to_string(round));
    const auto wait = begin("own");
    longest = std::max(longest, wait);
    if (wait == seconds(0)) throttle.succeeded("own", "p");
  }
  EXPECT_GT(longest, seconds(30));
}

TEST_F(Throttle, ForgetsAfterAnHour) {
  for (std::uint32_t i = 0; i < LogInThrottle::free_of_name; ++i)
    begin("ada");
  now += LogInThrottle::forgotten_after + seconds(1);
  EXPECT_EQ(begin("ada"), seconds(0));
  EXPECT_EQ(begin("ada"), seconds(0));
}

TEST_F(Throttle, BoundsItsMemoryAndKeepsWhoIsGuessedAt) {
  for (std::uint32_t i = 0; i < LogInThrottle::free_of_name; ++i)
    begin("ada");
  for (std::size_t i = 0; i < 2 * LogInThrottle::entries_max; ++i)
    begin("n" + std::to_string(i), "p" + std::to_string(i));
  EXPECT_LE(throttle.entries(), 2 * LogInThrottle::entries_max);
  EXPECT_GT(begin("ada", "other"), seconds(0));
}

}  // namespace
}  // namespace punctual::access
