// The limits of a chat, each in its turn and in its own words; and Stop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/chat_house.hpp"
#include "sim/expectation.hpp"

namespace punctual::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

const std::string one_query = "```sql\nSELECT 1\n```";

std::string text_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

// How late the last event came, after `start` and `limit`.
deadline::Duration lateness(const ChatHouse& house, deadline::Instant start, deadline::Duration limit) {
  return house.answer().events.back().at - start - limit;
}

class ChatLimits : public testing::Test {
 protected:
  void expect_error(std::string_view limit, double limit_seconds, std::string_view source,
                    std::string_view message) {
    ASSERT_EQ(house->names().back(), "error");
    const auto error = house->error();
    EXPECT_EQ(text_of(error, "limit"), limit);
    EXPECT_EQ(error.at("limit_seconds").to_number<double>(), limit_seconds);
    EXPECT_EQ(text_of(error, "limit_source"), source);
    EXPECT_EQ(text_of(error, "detail"), message);
    EXPECT_EQ(error.at("error").at("message").as_string(), message);
    EXPECT_EQ(error.at("status"), 504);
    EXPECT_TRUE(house->answer().complete) << "an error is told, and then it ends in order";
    EXPECT_EQ(house->desk.taken(), 0U);
    expect_quiet(house->world);
  }
  void make(const ChatOptions& options = {}) {
    house = std::make_unique<ChatHouse>(options);
    start = house->world.now();
  }

  std::unique_ptr<ChatHouse> house;
  deadline::Instant start;
};

TEST_F(ChatLimits, TheModelCallFirst) {
  make();
  house->ask("alpha/sim:tokens=200,itl_ms=1000", "Hello");
  house->world.run_for(seconds(119));
  EXPECT_NE(house->names().back(), "error");
  house->world.run_for(seconds(2));
  expect_error("attempt", 120, "default",
               "Request timed out: the model has not finished its answer after 120 seconds");
  EXPECT_GE(lateness(*house, start, seconds(120)), deadline::Duration::zero());
  EXPECT_LE(lateness(*house, start, seconds(120)), 2 * tick);
  EXPECT_THAT(house->text(1), HasSubstr("tok119"));
  // Its record says the same: the time was up, and not that somebody left.
  EXPECT_EQ(house->world.records()[0].text("outcome"), "timeout");
}

TEST_F(ChatLimits, TheModelCallAlsoBeforeItsHead) {
  make({.settings = "[chat]\nmodel_call_seconds = 5\n[timeouts]\nheartbeat_seconds = 0\n"});
  house->ask("alpha/sim:never", "Hello");
  house->world.run_for(seconds(6));
  expect_error("attempt", 5, "file chat.model_call_seconds",
               "Request timed out: the model has not finished its answer after 5 seconds");
}

TEST_F(ChatLimits, TheWholeRequestOverSeveralCalls) {
  make();
  // 100 s for each call: the third would end after 300 s.
  house->ask("alpha/sim:sql,rounds=20,tokens=1,ttft_ms=110000", one_query);
  house->world.run_for(seconds(299));
  EXPECT_NE(house->names().back(), "error");
  EXPECT_EQ(house->event("call", 2).at("limit_seconds"), 80);
  house->world.run_for(seconds(2));
  expect_error("total", 300, "default", "Request timed out after 300 seconds");
  EXPECT_GE(lateness(*house, start, seconds(300)), deadline::Duration::zero());
  EXPECT_LE(lateness(*house, start, seconds(300)), 2 * tick);
  EXPECT_EQ(house->error().at("rounds"), 3);
  EXPECT_EQ(house->error().at("queries"), 2);
}

TEST_F(ChatLimits, TheWholeRequestInTheMiddleOfAQuery) {
  make({.settings = "[chat]\nrequest_seconds = 20\n"});
  house->database.fates = {{.hangs = true}};
  house->ask("alpha/sim:sql", one_query);
  EXPECT_EQ(house->event("query").at("limit_seconds"), 20);
  house->world.run_for(seconds(21));
  expect_error("total", 20, "file chat.request_seconds", "Request timed out after 20 seconds");
  EXPECT_EQ(text_of(house->event("query_end"), "outcome"), "timeout");
  EXPECT_LE(lateness(*house, start, seconds(20)), 2 * tick);
}

TEST_F(ChatLimits, AQueryThatTakesTooLongIsToldToTheModel) {
  make();
  house->database.fates = {{.hangs = true}, {}};
  house->ask("alpha/sim:sql", one_query + "\n" + one_query);
  house->world.run_for(seconds(29));
  EXPECT_EQ(house->names().back(), "query");
  house->world.run_for(seconds(2));
  EXPECT_EQ(text_of(house->event("query_end"), "outcome"), "timeout");
  EXPECT_EQ(house->names().back(), "end");
}

TEST_F(ChatLimits, ADatabaseThatDoesNotEndIsNotWaitedFor) {
  make();
  house->database.fates = {{.never_ends = true}};
  house->ask("alpha/sim:sql", one_query);
  house->world.run_for(seconds(32));
  expect_error("query", 30, "stored data source query_seconds",
               "Request timed out: the database has not ended a query after 30 seconds");
  EXPECT_NE(house->database.seen[0].cancelled_at, deadline::Instant::max());
}

TEST_F(ChatLimits, TheRequestShortensThem) {
  make();
  house->ask("alpha/sim:never", "Hello", R"(,"limits":{"model_call_seconds":2,"request_seconds":3})");
  EXPECT_EQ(house->event("start").at("limits").at("model_call_seconds"), 2);
  house->world.run_for(seconds(3));
  expect_error("attempt", 2, "request limits.model_call_seconds",
               "Request timed out: the model has not finished its answer after 2 seconds");
}

TEST_F(ChatLimits, AndNeverLengthens) {
  make();
  house->ask("alpha/sim:never", "Hello", R"(,"limits":{"request_seconds":301})");
  EXPECT_EQ(house->answer().status, 422);
  EXPECT_THAT(house->answer().body,
              HasSubstr("limits.request_seconds is 301: give a number above 0 and at most 300"));
}

TEST_F(ChatLimits, AnInnerLimitIsToldAsItIs) {
  make({.settings = "[timeouts]\nfirst_token_seconds = 4\n"});
  house->ask("alpha/sim:tokens=1,ttft_ms=60000", "Hello");
  house->world.run_for(seconds(5));
  expect_error("first_token", 4, "file timeouts.first_token_seconds",
               "Request timed out: no first token after 4 seconds");
}

TEST_F(ChatLimits, StopInTheModelCall) {
  make();
  house->ask("alpha/sim:tokens=100,itl_ms=100", "Hello");
  house->world.run_for(seconds(3));
  EXPECT_EQ(house->world.network().open_requests(), 1U);
  house->client().hang_up();
  house->world.run();
  EXPECT_EQ(house->world.network().open_requests(), 0U) << "without any time passing";
  EXPECT_EQ(house->desk.taken(), 0U);
  EXPECT_EQ(house->world.records()[0].text("outcome"), "cancelled");
}

TEST_F(ChatLimits, StopBeforeTheModelHasAnswered) {
  make();
  house->ask("alpha/sim:never", "Hello");
  house->world.run_for(seconds(1));
  house->client().hang_up();
  house->world.run();
  EXPECT_EQ(house->world.network().open_requests(), 0U);
}

TEST_F(ChatLimits, StopInTheQuery) {
  make();
  house->database.fates = {{.hangs = true}};
  house->ask("alpha/sim:sql", one_query);
  house->world.run_for(seconds(3));
  const auto left_at = house->world.now();
  house->client().hang_up();
  house->world.run();
  EXPECT_EQ(house->database.seen[0].cancelled_at, left_at);
  EXPECT_EQ(house->desk.taken(), 0U);
}

TEST_F(ChatLimits, TheEndOfTheProcessLetsItEndAndThenStopsIt) {
  make();
  house->ask("alpha/sim:sql,rounds=5,tokens=10,itl_ms=1000", one_query);
  house->world.run_for(seconds(5));
  house->world.listener().drain(seconds(30), [] {});
  house->world.run_for(seconds(20));
  EXPECT_EQ(house->event("call", 2).at("round"), 3) << "what has begun goes on";
  house->world.run_for(seconds(20));
  EXPECT_EQ(house->names().back(), "error");
  EXPECT_EQ(house->error().at("status"), 503);
  EXPECT_TRUE(house->answer().complete);
  expect_quiet(house->world);
}

}  // namespace
}  // namespace punctual::simulation
