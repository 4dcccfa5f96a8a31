// Where a limit comes from: every header, the body, every variable; the request only shortens; patience has a
// margin.
#include <gtest/gtest.h>

#include "sim/expectation.hpp"
#include "sim/setting.hpp"

namespace punctual::simulation {
namespace {

using deadline::Phase;
using deadline::SourceKind;
using std::chrono::seconds;

struct Said {
  std::string_view test_name;
  std::string_view header;  // a line without its end; empty: the member of the body
  double limit_seconds;
  std::string_view message_seconds;
  std::string_view source;
  SourceKind kind = SourceKind::request;
};

void PrintTo(const Said& said, std::ostream* out) {
  *out << said.test_name;
}

class RequestLimit : public testing::TestWithParam<Said> {};

TEST_P(RequestLimit, EndsTheRequestInTime) {
  const Said& said = GetParam();
  for (const auto route : all_routes) {
    if (said.limit_seconds > total_seconds_of(route)) continue;
    SCOPED_TRACE(name_of(route));
    World world;
    Client client(world);
    Asking asking;
    asking.route = route;
    asking.model = model_of(route, "never");
    if (said.header.empty()) {
      asking.members = ",\"timeout\":7.5";
    } else {
      asking.headers = std::string(said.header) + "\r\n";
    }
    ExpectedTimeout expected{
        Phase::total, said.limit_seconds, std::string(said.source),
        said.kind,    world.now(),        message_of(Phase::total, said.message_seconds)};
    client.send(asking.text());
    expect_timeout(world, client, asking, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Headers, RequestLimit,
    testing::Values(
        Said{"XRequestTimeout", "X-Request-Timeout: 2.5", 2.5, "2.5", "request X-Request-Timeout"},
        Said{"LiteLlm", "x-litellm-timeout: 3", 3, "3", "request x-litellm-timeout"},
        Said{"Portkey", "x-portkey-request-timeout: 1500", 1.5, "1.5", "request x-portkey-request-timeout"},
        Said{"Cloudflare", "cf-aig-request-timeout: 250", 0.25, "0.25", "request cf-aig-request-timeout"},
        Said{"Envoy", "x-envoy-upstream-rq-timeout-ms: 4000", 4, "4",
             "request x-envoy-upstream-rq-timeout-ms"},
        Said{"Body", "", 7.5, "7.5", "request timeout"},
        // Patience: the answer comes before the client gives up. 2 % of 100 s is 2 s; 250 ms is more than 2 %
        // of 5 s.
        Said{"Prefer", "Prefer: wait=100", 98, "98", "patience Prefer: wait", SourceKind::patience},
        Said{"Stainless", "x-stainless-timeout: 5", 4.75, "4.75", "patience x-stainless-timeout",
             SourceKind::patience},
        Said{"StainlessLong", "x-stainless-timeout: 600", 598, "598", "patience x-stainless-timeout",
             SourceKind::patience},
        Said{"StainlessShort", "x-stainless-timeout: 0.1", 0.05, "0.05", "patience x-stainless-timeout",
             SourceKind::patience},
        Said{"EnvoyExpected", "x-envoy-expected-rq-timeout-ms: 20000", 19.6, "19.6",
             "patience x-envoy-expected-rq-timeout-ms", SourceKind::patience},
        Said{"ReadTimeout", "x-stainless-read-timeout: 20", 19.6, "19.6", "patience x-stainless-read-timeout",
             SourceKind::patience}),
    [](const auto& info) { return std::string(info.param.test_name); });

// 598 s is more than an embedding's default of 120 s.
TEST(RequestLimitOnly, ShortensAndNeverLengthens) {
  for (const auto* header : {"X-Request-Timeout: 5000\r\n", "x-stainless-timeout: 600\r\n"}) {
    World world;
    Client client(world);
    Asking asking;
    asking.route = Route::embeddings;
    asking.model = "alpha/sim:never";
    asking.headers = header;
    ExpectedTimeout expected{Phase::total,         120,         "default",
                             SourceKind::built_in, world.now(), message_of(Phase::total, "120")};
    client.send(asking.text());
    expect_timeout(world, client, asking, expected);
  }
}

TEST(RequestLimitOnly, TheShortestOfSeveralCounts) {
  World world;
  Client client(world);
  Asking asking;
  asking.model = "alpha/sim:never";
  asking.headers = "X-Request-Timeout: 50\r\nPrefer: wait=30\r\nx-litellm-timeout: 9\r\n";
  asking.members = ",\"timeout\":8";
  ExpectedTimeout expected{Phase::total,        8,           "request timeout",
                           SourceKind::request, world.now(), message_of(Phase::total, "8")};
  client.send(asking.text());
  expect_timeout(world, client, asking, expected);
}

TEST(RequestLimitOnly, WhatDoesNotParseIsRefusedByName) {
  for (const std::string header : {"X-Request-Timeout: soon", "x-stainless-timeout: -1", "Prefer: wait=0",
                                   "x-portkey-request-timeout: nan", "cf-aig-request-timeout: inf"}) {
    World world;
    Client client(world);
    Asking asking;
    asking.headers = header + "\r\n";
    client.send(asking.text());
    world.run();
    const auto answer = last_answer(client);
    EXPECT_EQ(answer.status, 400) << header;
    EXPECT_NE(answer.body.find(header.substr(0, header.find(':'))), std::string::npos) << answer.body;
    EXPECT_EQ(world.network().started_requests(), 0u);
    ASSERT_EQ(world.records().size(), 1u);
    EXPECT_EQ(world.records()[0].text("outcome"), "refused");
  }
}

TEST(RequestLimitOnly, IsNotPassedOn) {
  World world;
  Client client(world);
  Asking asking;
  asking.model = "alpha/sim:echo";
  asking.headers = "X-Request-Timeout: 5\r\nPrefer: wait=100\r\nx-kept: yes\r\n";
  asking.members = ",\"timeout\":7.5,\"seed\":1";
  client.send(asking.text());
  world.run();
  const auto seen = last_answer(client).text();
  EXPECT_EQ(seen.find("imeout"), std::string::npos) << seen;
  EXPECT_NE(seen.find("x-kept"), std::string::npos) << seen;
  EXPECT_NE(seen.find("seed"), std::string::npos) << seen;
}

struct Variable {
  std::string_view name;
  Route route;
};

class TotalVariable : public testing::TestWithParam<Variable> {};

TEST_P(TotalVariable, IsObeyed) {
  const auto& [name, route] = GetParam();
  World::Options options;
  options.environment[std::string(name)] = "11.5";
  World world(options);
  Client client(world);
  Asking asking;
  asking.route = route;
  asking.model = model_of(route, "never");
  ExpectedTimeout expected{Phase::total,
                           11.5,
                           "environment " + std::string(name),
                           SourceKind::environment,
                           world.now(),
                           message_of(Phase::total, "11.5")};
  client.send(asking.text());
  expect_timeout(world, client, asking, expected);
}

INSTANTIATE_TEST_SUITE_P(
    Environment, TotalVariable,
    testing::Values(Variable{"PUNCTUAL_TIMEOUT_CHAT_SECONDS", Route::chat},
                    Variable{"PUNCTUAL_TIMEOUT_CHAT_SECONDS", Route::messages},
                    Variable{"PUNCTUAL_TIMEOUT_COMPLETIONS_SECONDS", Route::completions},
                    Variable{"PUNCTUAL_TIMEOUT_EMBEDDINGS_SECONDS", Route::embeddings},
                    Variable{"MLX_SERVER_TIMEOUT_CHAT_SECONDS", Route::chat},
                    Variable{"MLX_SERVER_TIMEOUT_COMPLETIONS_SECONDS", Route::completions},
                    Variable{"MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS", Route::embeddings}));

// Rule before file, provider before rule.
TEST(Scopes, TheNarrowerReplacesTheWider) {
  World::Options options;
  options.settings = "[timeouts]\nidle_seconds = 50\nchat_seconds = 400\n" +
                     rule_of({"alpha/sim:never"}, "total_seconds = 30, attempt_seconds = 1000");
  options.providers =
      "[[providers]]\nname = \"alpha\"\nkind = \"openai\"\nbase_url = \"http://alpha/v1\"\n"
      "timeouts = { total_seconds = 70 }\n";
  World world(options);
  Client client(world);
  Asking asking;
  asking.model = "ruled";
  ExpectedTimeout expected{Phase::total,         70,          "provider alpha: total_seconds",
                           SourceKind::provider, world.now(), message_of(Phase::total, "70")};
  client.send(asking.text());
  expect_timeout(world, client, asking, expected);
}

// For a stream the read timeout of the OpenAI and Anthropic clients says how often a sign of life is due.
TEST(ReadPatience, SetsTheHeartbeatOfAStream) {
  for (const auto route : {Route::chat, Route::completions, Route::messages}) {
    World world;
    Client client(world);
    Asking asking;
    asking.route = route;
    asking.stream = true;
    asking.model = model_of(route, "tokens=2,ttft_ms=30000");
    asking.headers = "x-stainless-read-timeout: 4\r\n";
    client.send(asking.text());
    world.run_for(seconds(31));
    const auto answer = last_answer(client);
    EXPECT_EQ(answer.heartbeats(), 14u) << "one each 2 s, before the token at 30 s";
    EXPECT_EQ(answer.text(), "tok1 tok2");
    EXPECT_TRUE(answer.has_done());
    for (std::size_t i = 1; i < client.arrivals().size(); ++i)
      EXPECT_LE(client.arrivals()[i].at - client.arrivals()[i - 1].at, seconds(2) + 2 * tick);
  }
}

}  // namespace
}  // namespace punctual::simulation
