#include "sim/behaviour.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace punctual::sim {

namespace {

using std::chrono::milliseconds;

Behaviour parsed(std::string_view model) {
  const auto behaviour = parse_behaviour(model);
  EXPECT_TRUE(behaviour) << model << ": " << (behaviour ? "" : behaviour.error());
  return behaviour.value_or(Behaviour{});
}

TEST(Behaviour, ReadsEveryOption) {
  const auto all = parsed(
      "sim:tokens=64,reasoning=2,tool_calls=3,bytes=600,ttft_ms=200,itl_ms=20,headers_ms=1000,byte_ms=7,"
      "comment_every_ms=500,empty_deltas_every_ms=501,progress_every_ms=502,hang_after=10,reset_after=11,"
      "close_after=12,garbage_after=13,error_after=14,status=503,keepalive_ms=9,usage=0,never,no_done,no_end,"
      "length,split,echo");
  EXPECT_EQ(all.tokens, 64u);
  EXPECT_EQ(all.reasoning, 2u);
  EXPECT_EQ(all.tool_calls, 3u);
  EXPECT_EQ(all.bytes, 600u);
  EXPECT_EQ(all.ttft, milliseconds(200));
  EXPECT_EQ(all.itl, milliseconds(20));
  EXPECT_EQ(all.headers, milliseconds(1000));
  EXPECT_EQ(all.byte, milliseconds(7));
  EXPECT_EQ(all.comment_every, milliseconds(500));
  EXPECT_EQ(all.empty_deltas_every, milliseconds(501));
  EXPECT_EQ(all.progress_every, milliseconds(502));
  EXPECT_EQ(all.hang_after, 10u);
  EXPECT_EQ(all.reset_after, 11u);
  EXPECT_EQ(all.close_after, 12u);
  EXPECT_EQ(all.garbage_after, 13u);
  EXPECT_EQ(all.error_after, 14u);
  EXPECT_EQ(all.status, 503u);
  EXPECT_EQ(all.keepalive, milliseconds(9));
  EXPECT_EQ(all.usage, false);
  EXPECT_TRUE(all.never && all.no_done && all.no_end && all.length && all.split && all.echo);
}

TEST(Behaviour, AcceptsTheNameWithAndWithoutPrefix) {
  for (const auto* name : {"sim:tokens=3", "tokens=3", "sim/sim:tokens=3", "sim/tokens=3", "sim: tokens = 3"})
    EXPECT_EQ(parsed(name).tokens, 3u) << name;
  for (const auto* name : {"sim", "sim:", "", "sim/sim"})
    EXPECT_EQ(parsed(name).tokens, Behaviour{}.tokens) << name;
}

TEST(Behaviour, KnowsTheFriendlyNames) {
  EXPECT_EQ(parsed("sim-fast").tokens, 64u);
  EXPECT_EQ(parsed("sim-slow").ttft, milliseconds(2000));
  EXPECT_EQ(parsed("sim-stalls").hang_after, 10u);
  const auto changed = parsed("sim-stalls,tokens=5,never=0");
  EXPECT_EQ(changed.tokens, 5u);
  EXPECT_EQ(changed.hang_after, 10u);
  EXPECT_FALSE(changed.never);
}

TEST(Behaviour, NamesTheOptionThatIsWrong) {
  struct Row {
    const char* model;
    const char* named;
  };
  for (const auto& [model, named] :
       {Row{"gpt-4o", "\"gpt-4o\""}, Row{"sim:tokens=1,wait=2", "\"wait\""}, Row{"sim:tokens", "\"tokens\""},
        Row{"sim:tokens=", "\"tokens\""}, Row{"sim:tokens=-1", "\"-1\""}, Row{"sim:tokens=1.5", "\"1.5\""},
        Row{"sim:tokens=99999999", "1000000"}, Row{"sim:status=200", "400"}, Row{"sim:never=2", "\"never\""},
        Row{"sim:usage", "\"usage\""}, Row{"sim:comment_every_ms=0", "from 1"}, Row{"sim:,tokens=1", "\"\""},
        Row{"sim:byte_ms=0", "from 1"}, Row{"sim:tool_calls=1000", "128"}}) {
    const auto behaviour = parse_behaviour(model);
    ASSERT_FALSE(behaviour) << model;
    EXPECT_NE(behaviour.error().find(named), std::string::npos) << behaviour.error();
  }
}

TEST(Behaviour, TakesTheFirstFault) {
  EXPECT_FALSE(parsed("sim:tokens=3").fault());
  const auto fault = parsed("sim:hang_after=7,reset_after=5,error_after=6").fault();
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->kind, Fault::Kind::reset);
  EXPECT_EQ(fault->after, 5u);
}

}  // namespace

}  // namespace punctual::sim
