// The tool loop of a chat: what goes well, and what the model, the database and the user may do to it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/chat_house.hpp"
#include "sim/expectation.hpp"

namespace punctual::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string one_query = "```sql\nSELECT 1\n```";
constexpr const char* asker = "alpha/sim:sql,tokens=2";

std::string text_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

TEST(Chat, WithoutADatabaseIsOneCall) {
  ChatHouse house({.with_source = false});
  house.ask("alpha/sim:tokens=3", "Hello");
  EXPECT_TRUE(house.answer().complete);
  EXPECT_THAT(house.names(), ElementsAre("start", "call", "call_end", "end"));
  EXPECT_EQ(house.text(1), "tok1 tok2 tok3");
  const auto start = house.event("start");
  EXPECT_TRUE(start.at("data_source").is_null());
  EXPECT_EQ(start.at("limits").at("model_call_seconds"), 120);
  EXPECT_EQ(start.at("limits").at("rounds_max"), 8);
  EXPECT_EQ(house.event("end").at("usage").at("completion_tokens"), 3);
  EXPECT_EQ(text_of(house.event("call_end"), "finish_reason"), "stop");
  const auto& records = house.world.records();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].text("outcome"), "success");
  EXPECT_EQ(records[0].text("request_id"), text_of(house.event("call"), "request_id"));
  EXPECT_EQ(house.desk.taken(), 0U);
  expect_quiet(house.world);
}

TEST(Chat, ReasoningIsTold) {
  ChatHouse house({.with_source = false});
  house.ask("alpha/sim:tokens=1,reasoning=2", "Hello");
  EXPECT_EQ(text_of(house.event("delta"), "reasoning"), "think1");
  EXPECT_EQ(house.text(1), "tok1");
}

TEST(Chat, AQueryIsRecordedRunAndTold) {
  ChatHouse house;
  house.database.fates = {{.columns = R"(["name","n"])",
                           .rows = R"([["Ada",1],["Grace",2]])",
                           .end = {.outcome = "success", .rows = 2, .bytes = 24}}};
  house.ask(asker, "How many?\n" + one_query);
  EXPECT_THAT(house.names(), ElementsAre("start", "call", "call_end", "query", "rows", "query_end", "call",
                                         "call_end", "end"));
  EXPECT_EQ(text_of(house.event("query"), "sql"), "SELECT 1");
  EXPECT_EQ(text_of(house.event("query"), "tool"), "query");
  EXPECT_EQ(house.event("query").at("limit_seconds"), 30);
  EXPECT_EQ(house.event("query_end").at("rows"), 2);
  EXPECT_EQ(text_of(house.event("call_end"), "finish_reason"), "tool_calls");
  // What the model saw is what was told.
  EXPECT_EQ(house.text(2),
            R"({"columns":["name","n"],"rows":[["Ada",1],["Grace",2]],"row_count":2,"truncated":false})");
  ASSERT_EQ(house.database.seen.size(), 1U);
  const auto& request = house.database.seen[0].request;
  EXPECT_EQ(request.user, "ada");
  EXPECT_EQ(request.model, asker);
  EXPECT_EQ(request.reason, "The simulation was told to.");
  EXPECT_EQ(request.request_id, text_of(house.event("call"), "request_id"));
  EXPECT_EQ(request.chat_id, text_of(house.event("start"), "chat_id"));
  EXPECT_EQ(house.event("end").at("queries"), 1);
  EXPECT_EQ(house.event("end").at("rounds"), 2);
  EXPECT_EQ(house.world.records().size(), 2U);
}

TEST(Chat, ParallelCallsRunInTheirOrder) {
  ChatHouse house;
  house.ask(asker,
            "```sql\nSELECT 1\n```\n```tool describe_table also\n{\"table\":\"t\"}\n```\n```tool list_tables "
            "also\n```\n```sql\nSELECT 2\n```");
  std::vector<std::string> tools;
  tools.reserve(house.database.seen.size());
  for (const auto& seen : house.database.seen)
    tools.emplace_back(datasource::name_of(seen.request.tool));
  EXPECT_THAT(tools, ElementsAre("query", "describe_table", "list_tables", "query"));
  EXPECT_EQ(house.database.seen[1].request.table, "t");
  EXPECT_EQ(house.database.seen[3].request.round, 2U);
  EXPECT_EQ(house.event("end").at("rounds"), 3);
  EXPECT_EQ(house.event("end").at("queries"), 4);
}

TEST(Chat, ATruncatedResultIsSaidToTheModel) {
  ChatHouse house;
  house.database.fates = {{.end = {.outcome = "success", .rows = 1, .bytes = 5, .truncated = true}}};
  house.ask(asker, one_query);
  EXPECT_THAT(house.text(2), HasSubstr("\"truncated\":true,\"note\":\"This is not all"));
  EXPECT_TRUE(house.event("query_end").at("truncated").as_bool());
}

TEST(Chat, AFailedQueryIsToldToTheModelAndItGoesOn) {
  ChatHouse house;
  house.database.fates = {
      {.columns = "", .rows = "", .end = {.outcome = "failed", .error = "no such table: t"}}, {}};
  house.ask(asker, "```sql\nSELECT * FROM t\n```\n" + one_query);
  EXPECT_EQ(text_of(house.event("query_end"), "error"), "no such table: t");
  EXPECT_EQ(house.event("query_end", 1).at("rows"), 1);
  EXPECT_EQ(house.names().back(), "end");
}

TEST(Chat, MalformedArgumentsAreAnsweredAsAnErrorAndCountAsARound) {
  ChatHouse house;
  house.ask(asker,
            "```tool query\n{\"sql\": \"SELECT\n```\n```tool query\n[1]\n```\n```tool query\n{\"sql\":5}\n"
            "```\n```tool drop_table\n{}\n```");
  EXPECT_THAT(house.database.seen, IsEmpty());
  EXPECT_EQ(house.event("end").at("rounds"), 5);
  EXPECT_EQ(house.event("end").at("queries"), 0);
  EXPECT_THAT(house.text(5), HasSubstr("There is no tool \\\"drop_table\\\""));
}

TEST(Chat, RoundsAreBounded) {
  ChatHouse house({.settings = "[chat]\nrounds_max = 3\n"});
  house.ask("alpha/sim:sql,rounds=20", one_query);
  EXPECT_EQ(house.names().back(), "error");
  const auto error = house.error();
  EXPECT_EQ(text_of(error, "limit"), "rounds");
  EXPECT_EQ(text_of(error, "limit_source"), "file chat.rounds_max");
  EXPECT_EQ(error.at("rounds"), 3);
  // The results of the last round would be seen by nobody.
  EXPECT_EQ(error.at("queries"), 2);
  EXPECT_EQ(house.database.seen.size(), 2U);
  EXPECT_TRUE(house.answer().complete);
}

TEST(Chat, OneThatCannotBeRecordedIsNotGoneOnWith) {
  ChatHouse house;
  house.database.fates = {{.unrecorded = true}};
  house.ask(asker, one_query);
  EXPECT_THAT(house.names(), ElementsAre("start", "call", "call_end", "error"));
  EXPECT_EQ(house.error().at("status"), 503);
  EXPECT_THAT(text_of(house.error(), "detail"), HasSubstr("The disk is full."));
}

TEST(Chat, WhatTheUpstreamRefusesIsToldInItsWords) {
  ChatHouse house;
  house.ask("alpha/sim:status=429", "Hello");
  EXPECT_EQ(house.names().back(), "error");
  EXPECT_EQ(house.error().at("status"), 429);
  EXPECT_THAT(text_of(house.error(), "detail"), HasSubstr("status 429"));
  EXPECT_EQ(house.error().at("rounds"), 1);
  EXPECT_FALSE(house.error().contains("limit"));
}

TEST(Chat, AModelThatIsNotThereIsAnError) {
  ChatHouse house;
  house.ask("nothing", "Hello");
  EXPECT_EQ(house.error().at("status"), 404);
}

TEST(Chat, AnErrorMidStreamKeepsWhatWasSaid) {
  ChatHouse house;
  house.ask("alpha/sim:tokens=5,error_after=2", "Hello");
  EXPECT_EQ(house.text(1), "tok1 tok2");
  EXPECT_EQ(house.error().at("status"), 502);
  EXPECT_THAT(text_of(house.error(), "detail"), HasSubstr("The simulated model failed."));
}

TEST(Chat, AStreamThatBreaksOffIsNoSuccess) {
  for (const auto* fault : {"reset_after=2", "close_after=2", "garbage_after=2"}) {
    ChatHouse house;
    house.ask("alpha/sim:tokens=5," + std::string(fault), "Hello");
    house.world.run_for(seconds(1));
    EXPECT_EQ(house.text(1), "tok1 tok2") << fault;
    EXPECT_EQ(house.names().back(), "error") << fault;
    EXPECT_EQ(house.error().at("status"), 502) << fault;
  }
}

TEST(Chat, IsTriedAgainInsideAsTheRuleSays) {
  ChatHouse house(
      {.settings =
           "[[rules]]\npriority = 1\nmatch = 'exact'\npattern = 'ruled'\ntargets = [{provider='alpha', "
           "model='sim:status=503'}, {provider='beta', model='sim:tokens=2'}]\n",
       .with_source = false});
  house.ask("ruled", "Hello");
  EXPECT_EQ(house.text(1), "tok1 tok2");
  EXPECT_EQ(house.names().back(), "end");
  EXPECT_EQ(house.world.records()[0].attempts().size(), 2U);
}

TEST(Chat, ASilentOneIsKeptOpen) {
  ChatHouse house({.with_source = false});
  house.ask("alpha/sim:tokens=1,ttft_ms=50000", "Hello");
  house.world.run_for(seconds(49));
  EXPECT_EQ(house.answer().heartbeats(), 3U);
  house.world.run_for(seconds(2));
  EXPECT_EQ(house.names().back(), "end");
}

TEST(Chat, MoreThanThereMayBeAreRefused) {
  ChatHouse house;
  std::vector<chat::Desk::Place> places;
  std::size_t users = 0;
  while (places.size() < chat::Desk::chats_max) {
    const std::string user = "user " + std::to_string(++users);
    for (std::size_t i = 0; i < chat::Desk::chats_of_user_max; ++i)
      places.push_back(*house.desk.take(user));
    EXPECT_FALSE(house.desk.take(user));
  }
  EXPECT_EQ(house.desk.take("user 1").error(), chat::Desk::Full::all);
  house.ask(asker, "Hello");
  EXPECT_EQ(house.answer().status, 503);
  places.pop_back();
  EXPECT_EQ(house.desk.take("user 1").error(), chat::Desk::Full::user) << "the last place is for others";
  EXPECT_TRUE(house.desk.take("ada"));
}

TEST(Chat, ASlowReaderHoldsTheModelUp) {
  ChatHouse house({.with_source = false});
  house.client().stop_reading();
  house.ask("alpha/sim:tokens=200000", "Hello");
  house.world.run_for(seconds(5));
  EXPECT_EQ(house.world.network().open_requests(), 1U);
  house.client().read_all();
  house.world.run_for(seconds(5));
  EXPECT_EQ(house.names().back(), "end");
  EXPECT_THAT(house.text(1), testing::EndsWith(" tok200000"));
}

TEST(Chat, AReaderThatNeverReadsAgainIsGivenUp) {
  ChatHouse house({.with_source = false});
  house.client().stop_reading();
  house.ask("alpha/sim:tokens=200000", "Hello");
  house.world.run_for(seconds(70));
  EXPECT_EQ(house.world.network().open_requests(), 0U);
  EXPECT_EQ(house.desk.taken(), 0U);
}

}  // namespace
}  // namespace punctual::simulation
