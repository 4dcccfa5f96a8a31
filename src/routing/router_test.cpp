#include "routing/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "config/loader.hpp"

namespace punctual::routing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view two_providers = R"(
[[providers]]
name = "openai"
kind = "openai"
base_url = "https://api.openai.com/v1"
[[providers]]
name = "backup"
kind = "openai"
base_url = "http://127.0.0.1:8000"
)";

std::shared_ptr<const config::Configuration> configuration_of(const std::string& text) {
  auto loaded = config::load(text, "test.toml", {});
  EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().front().text());
  return loaded ? *loaded : std::make_shared<const config::Configuration>();
}

std::string rule(std::int64_t priority, std::string_view match, std::string_view pattern,
                 std::string_view targets, std::string_view more = "") {
  return "[[rules]]\npriority = " + std::to_string(priority) + "\nmatch = '" + std::string(match) +
         "'\npattern = '" + std::string(pattern) + "'\ntargets = [" + std::string(targets) + "]\n" +
         std::string(more) + "\n";
}

Router router_of(const std::string& text) {
  auto router = Router::build(configuration_of(text));
  EXPECT_TRUE(router) << (router ? "" : router.error().front());
  return std::move(*router);
}

// "openai:gpt-4o backup:gpt-4o-mini", or "none".
std::string targets_of(const Router& router, std::string_view model) {
  const auto route = router.route(model);
  if (!route) return "none";
  std::string text;
  for (const Candidate& candidate : route->candidates) {
    if (!text.empty()) text += " ";
    text += candidate.provider->name + ":" + std::string(candidate.model);
  }
  return text;
}

TEST(Router, GivesTheTargetsOfARuleInTheirOrder) {
  const Router router =
      router_of(std::string(two_providers) +
                rule(10, "glob", "gpt-*", "{provider='openai'}, {provider='backup', model='mini'}"));
  const auto route = router.route("gpt-4o");
  ASSERT_TRUE(route);
  ASSERT_NE(route->rule, nullptr);
  EXPECT_EQ(route->rule->pattern, "gpt-*");
  EXPECT_EQ(targets_of(router, "gpt-4o"), "openai:gpt-4o backup:mini");
}

// The old system said that a lower number wins, and did the opposite.
TEST(Router, ALowerNumberReallyWins) {
  const std::string low = rule(1, "glob", "gpt-*", "{provider='openai'}");
  const std::string high = rule(2, "glob", "gpt-*", "{provider='backup'}");
  EXPECT_EQ(targets_of(router_of(std::string(two_providers) + low + high), "gpt-4o"), "openai:gpt-4o");
  EXPECT_EQ(targets_of(router_of(std::string(two_providers) + high + low), "gpt-4o"), "openai:gpt-4o");
  const std::string negative = rule(-5, "prefix", "gpt", "{provider='backup'}");
  EXPECT_EQ(targets_of(router_of(std::string(two_providers) + low + negative), "gpt-4o"), "backup:gpt-4o");
}

TEST(Router, EqualPrioritiesKeepTheOrderOfTheFile) {
  std::string text(two_providers);
  for (int i = 0; i < 40; ++i)
    text += rule(7, "glob", "m*", "{provider='openai', model='m" + std::to_string(i) + "'}");
  EXPECT_EQ(targets_of(router_of(text), "m"), "openai:m0");
}

TEST(Router, ADisabledRuleIsNotThere) {
  const Router router =
      router_of(std::string(two_providers) + rule(1, "exact", "m", "{provider='openai'}", "enabled = false") +
                rule(2, "exact", "m", "{provider='backup'}"));
  EXPECT_EQ(targets_of(router, "m"), "backup:m");
}

struct Case {
  const char* model;
  const char* targets;
};

TEST(Router, WithoutARuleTheNameDecides) {
  const Router router = router_of(std::string(two_providers));
  const Case table[] = {
      {"openai/gpt-4o", "openai:gpt-4o"},
      {"backup/org/model", "backup:org/model"},
      {"sim/sim-fast", "sim:sim-fast"},
      {"sim:tokens=64,ttft_ms=200", "sim:sim:tokens=64,ttft_ms=200"},
      {"sim-fast", "sim:sim-fast"},
      {"sim-", "sim:sim-"},
      {"similar", "none"},
      {"sim", "none"},
      {"gpt-4o", "none"},
      {"OpenAI/gpt-4o", "none"},
      {"openai/", "none"},
      {"/gpt-4o", "none"},
      {"nobody/gpt-4o", "none"},
      {"", "none"},
  };
  for (const Case& entry : table)
    EXPECT_EQ(targets_of(router, entry.model), entry.targets) << entry.model;
}

TEST(Router, TheOnlyProviderGetsTheRest) {
  const std::string one(two_providers.substr(0, two_providers.find("[[providers]]", 20)));
  const Router router = router_of(one);
  EXPECT_EQ(targets_of(router, "gpt-4o"), "openai:gpt-4o");
  EXPECT_EQ(targets_of(router, "nobody/gpt-4o"), "openai:nobody/gpt-4o");
  EXPECT_EQ(targets_of(router, "sim-fast"), "sim:sim-fast");
  EXPECT_EQ(router.route("gpt-4o")->rule, nullptr);
}

TEST(Router, TheSimulationAloneIsNotTheOnlyProvider) {
  const Router router = router_of("");
  EXPECT_EQ(targets_of(router, "gpt-4o"), "none");
  EXPECT_EQ(targets_of(router, "sim-fast"), "sim:sim-fast");
}

TEST(Router, ARuleComesBeforeTheName) {
  const Router router = router_of(std::string(two_providers) + rule(1, "glob", "*", "{provider='backup'}"));
  EXPECT_EQ(targets_of(router, "openai/gpt-4o"), "backup:openai/gpt-4o");
  EXPECT_EQ(targets_of(router, "sim-fast"), "backup:sim-fast");
}

TEST(Router, NotFoundListsWhatExists) {
  const Router router =
      router_of(std::string(two_providers) + rule(1, "glob", "gpt-*", "{provider='openai'}") +
                rule(2, "exact", "off", "{provider='openai'}", "enabled = false"));
  const auto route = router.route("claude");
  ASSERT_FALSE(route);
  EXPECT_EQ(
      route.error().text,
      "There is no model 'claude'. Rules: gpt-* (glob); providers: openai/<model>, backup/<model>; simulated "
      "models: sim-fast, sim-slow, sim-stalls, sim-sql, sim:<options>.");
}

TEST(Router, NotFoundStaysShort) {
  std::string text(two_providers);
  for (int i = 0; i < 50; ++i)
    text += rule(i, "exact", "m" + std::to_string(i), "{provider='openai'}");
  const auto route = router_of(text).route(std::string(200, 'x') + "\xc3\xb6");
  ASSERT_FALSE(route);
  EXPECT_THAT(route.error().text, HasSubstr("and 30 more"));
  EXPECT_LT(route.error().text.size(), 1000u);
  const auto cut = router_of(text).route(std::string(127, 'x') + "\xc3\xb6yyy");
  ASSERT_FALSE(cut);
  EXPECT_THAT(cut.error().text, HasSubstr(std::string(127, 'x') + "..."));
}

TEST(Router, EveryBadPatternIsReported) {
  const auto router =
      Router::build(configuration_of(rule(1, "regex", "(a", "{provider='sim'}") +
                                     rule(2, "glob", "[a", "{provider='sim'}", "enabled = false") +
                                     rule(3, "exact", "(a", "{provider='sim'}")));
  ASSERT_FALSE(router);
  EXPECT_THAT(
      router.error(),
      ElementsAre(
          "rule \"(a\" (regex, priority 1): the pattern is no regular expression of RE2: missing ): (a",
          HasSubstr("rule \"[a\" (glob, priority 2): the pattern has a [ without its ]")));
}

TEST(Router, HoldsItsConfiguration) {
  auto configuration = configuration_of(rule(1, "exact", "m", "{provider='sim', model='sim-fast'}"));
  auto router = Router::build(configuration);
  ASSERT_TRUE(router);
  const Router moved = std::move(*router);
  configuration.reset();
  EXPECT_EQ(targets_of(moved, "m"), "sim:sim-fast");
}

RC_GTEST_PROP(Router, TheLowestPriorityWins, ()) {
  const auto priorities = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-5, 5)));
  std::string text;
  for (std::size_t i = 0; i < priorities.size(); ++i)
    text += rule(priorities[i], "prefix", "m", "{provider='sim', model='" + std::to_string(i) + "'}");
  const auto lowest = std::ranges::min_element(priorities);  // the first of equals
  RC_ASSERT(targets_of(router_of(text), "m") == "sim:" + std::to_string(lowest - priorities.begin()));
}

}  // namespace
}  // namespace punctual::routing
