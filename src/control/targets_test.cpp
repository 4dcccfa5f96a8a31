#include <gmock/gmock.h>

#include "control/control_testing.hpp"

namespace punctual::control {
namespace {

using ::testing::HasSubstr;

TEST_F(ControlTest, TargetsAreListedAsTheyAre) {
  auto& target = *book_.find("sim", "sim-fast");
  book_.find("gone", "m");
  target.in_flight = 2;
  const config::Breaker settings{.failures_in_a_row = 1};
  target.breaker.failed(targets::Pass::usual, clock_.now(), settings);
  const auto answer = ask_as_admin({.path = "/api/targets"});
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body,
              HasSubstr(R"("provider":"sim","model":"sim-fast","state":"open","hold":"automatic")"));
  EXPECT_THAT(answer.body, testing::Not(HasSubstr("gone")));
  EXPECT_THAT(answer.body, HasSubstr(R"("in_flight":2)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("failures_in_a_row":1)"));
}

TEST_F(ControlTest, ABreakerIsHeldByHandAndThatIsRemembered) {
  book_.find("openai", "org/gpt-5");
  const auto hold = [&](std::string_view how) {
    return ask_as_admin(
        {.method = "PUT",
         .path = "/api/targets/hold",
         .body = R"({"provider":"openai","model":"org/gpt-5","hold":")" + std::string(how) + "\"}"});
  };
  const auto held = hold("open");
  EXPECT_EQ(held.status, 200) << held.body;
  EXPECT_THAT(held.body, HasSubstr(R"("state":"open","hold":"open")"));
  EXPECT_EQ(book_.find("openai", "org/gpt-5")->breaker.admit(clock_.now()), targets::Pass::refused);
  const auto changes = ask_as_admin({.path = "/api/changes", .query = "subject=target:"});
  EXPECT_THAT(changes.body, HasSubstr("target:openai/org/gpt-5"));
  EXPECT_EQ(hold("automatic").status, 200);
  EXPECT_EQ(book_.find("openai", "org/gpt-5")->breaker.admit(clock_.now()), targets::Pass::usual);
  const auto wrong = hold("ajar");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_THAT(wrong.body, HasSubstr("give automatic, closed or open"));
}

TEST_F(ControlTest, ATargetThatWasNeverAskedCannotBeHeld) {
  const auto answer = ask_as_admin({.method = "PUT",
                                    .path = "/api/targets/hold",
                                    .body = R"({"provider":"nobody","model":"m","hold":"open"})"});
  EXPECT_EQ(answer.status, 404) << answer.body;
  EXPECT_EQ(book_.all().size(), 0U);
}

}  // namespace
}  // namespace punctual::control
