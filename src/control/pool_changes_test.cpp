#include <gmock/gmock.h>

#include "control/control_testing.hpp"
#include "control/pool_changes.hpp"
#include "control/pool_documents.hpp"

namespace punctual::control {
namespace {

using pool::EngineState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using State = gateway::ManagementStream::State;

constexpr auto start = deadline::Instant(std::chrono::hours(1));
constexpr std::uint64_t mebibyte = 1024 * 1024;

class PoolChangesTest : public ControlTest {
 protected:
  PoolChangesTest() {
    view_.at = start;
    view_.limit_bytes = 1000 * mebibyte;
    view_.engines = {engine("small"), engine("large")};
  }
  static pool::EngineView engine(const std::string& name) {
    pool::EngineView one;
    one.name = name;
    one.memory_bytes = 300 * mebibyte;
    return one;
  }
  // So much later; everything that runs on has done so.
  void pass(deadline::Duration time) {
    view_.at += time;
    for (auto& one : view_.engines) {
      if (one.state_for) *one.state_for += time;
      if (one.idle_for) *one.idle_for += time;
      if (one.retried_in) *one.retried_in -= time;
      if (one.ready_in) *one.ready_in -= time;
    }
  }
  std::optional<boost::json::object> take() {
    return changes_.take(view_.at, pool_document(*services_, view_));
  }
  // The names of the models that are told; "all:" before them when it is the whole pool. Empty: nothing is.
  std::vector<std::string> told() {
    std::vector<std::string> names;
    const auto event = take();
    if (!event) return names;
    if (event->at("whole").as_bool()) names.emplace_back("all:");
    for (const auto& model : event->at("models").as_array())
      names.emplace_back(model.at("model").as_string());
    return names;
  }

  pool::PoolView view_;
  PoolChanges changes_;
};

TEST_F(PoolChangesTest, AllIsToldAtFirstThenOnlyWhatChanged) {
  EXPECT_THAT(told(), ElementsAre("all:", "small", "large"));
  EXPECT_THAT(told(), ElementsAre());
  view_.engines[1].state = EngineState::loading;
  EXPECT_THAT(told(), ElementsAre("large"));
  view_.engines[1].load_share = 0.4;
  const auto event = take();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->at("models").as_array().front().at("load_share"), 0.4);
  EXPECT_FALSE(event->at("whole").as_bool());
}

TEST_F(PoolChangesTest, AnEventHasTheMembersOfTheRoute) {
  local_models_.pool = view_;
  auto of_route = boost::json::parse(ask_as_admin({.path = "/api/pool"}).body).as_object();
  of_route["whole"] = true;
  EXPECT_EQ(*take(), of_route);
}

TEST_F(PoolChangesTest, TimesThatRunOnAreNoChangeAndTimesThatBeganAnewAre) {
  auto& small = view_.engines[0];
  small.state = EngineState::ready;
  small.state_for = small.idle_for = std::chrono::seconds(1);
  view_.engines[1].retried_in = std::chrono::seconds(30);
  told();
  pass(std::chrono::milliseconds(250));
  EXPECT_THAT(told(), ElementsAre());
  // It was used and is idle again, between two looks.
  small.idle_for = std::chrono::milliseconds(10);
  EXPECT_THAT(told(), ElementsAre("small"));
  view_.engines[1].retried_in = std::nullopt;
  EXPECT_THAT(told(), ElementsAre("large"));
}

TEST_F(PoolChangesTest, EachMemberThatMovesIsAChange) {
  auto& small = view_.engines[0];
  told();
  const std::vector<std::function<void()>> moves = {[&] { small.pinned = true; },
                                                    [&] { small.in_flight = 1; },
                                                    [&] { small.waiting = 2; },
                                                    [&] { small.memory_bytes += mebibyte; },
                                                    [&] { small.problem = "It ended."; },
                                                    [&] { small.last_lines = {"killed"}; },
                                                    [&] { ++small.crashes; },
                                                    [&] { small.state = EngineState::quarantined; },
                                                    [&] { small.pid = 7; },
                                                    [&] { small.state_for = std::chrono::seconds(1); }};
  for (std::size_t i = 0; i < moves.size(); ++i) {
    moves[i]();
    EXPECT_THAT(told(), ElementsAre("small")) << i;
    EXPECT_THAT(told(), ElementsAre()) << i;
  }
}

TEST_F(PoolChangesTest, MemoryThatHardlyMovesIsNoChange) {
  told();
  view_.engines[0].memory_bytes += 4096;
  view_.used_bytes += 4096;
  EXPECT_THAT(told(), ElementsAre());
  view_.used_bytes += mebibyte;
  const auto event = take();
  ASSERT_TRUE(event);
  EXPECT_TRUE(event->at("models").as_array().empty());
  EXPECT_EQ(event->at("memory_used_bytes").to_number<std::uint64_t>(), mebibyte + 4096);
}

TEST_F(PoolChangesTest, WhenModelsComeOrGoAllAreTold) {
  told();
  view_.engines.push_back(engine("new"));
  EXPECT_THAT(told(), ElementsAre("all:", "small", "large", "new"));
  view_.engines.erase(view_.engines.begin());
  EXPECT_THAT(told(), ElementsAre("all:", "large", "new"));
}

TEST_F(PoolChangesTest, AStreamTellsTheWholeFirstAndIsNotReadyAgainAtOnce) {
  local_models_.pool = view_;
  const auto answer = ask_as_admin({.path = "/api/events"});
  ASSERT_TRUE(answer.stream);
  EXPECT_TRUE(answer.stream->ready());
  EXPECT_THAT(pull(answer).second, HasSubstr("event: pool\ndata: {\"memory_limit_bytes\":1048576000,"));
  // However often it is pulled: not before its time.
  local_models_.pool.engines[0].state = EngineState::loading;
  EXPECT_THAT(pull(answer).second, Not(HasSubstr("event: pool")));
}

}  // namespace
}  // namespace punctual::control
