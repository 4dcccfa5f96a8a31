#include "chain/chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/loader.hpp"

namespace punctual::chain {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Wall = ProbedWall::Kind;
using How = ProbedWall::How;

const Layer* layer_in(const Chain& chain, std::string_view id) {
  const auto found = std::ranges::find(chain.layers, id, &Layer::id);
  return found == chain.layers.end() ? nullptr : &*found;
}

const Finding* finding_of(const Chain& chain, std::string_view layer) {
  const auto found = std::ranges::find(chain.findings, layer, &Finding::layer);
  return found == chain.findings.end() ? nullptr : &*found;
}

class ChainTest : public testing::Test {
 protected:
  Chain of(const std::string& toml, bool stream, bool with_rule = false) {
    auto loaded = config::load(toml, "test.toml", config::Environment());
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error()[0].text());
    configuration = *loaded;
    return chain_of(*configuration,
                    {.stream = stream, .rule = with_rule ? configuration->rules.data() : nullptr});
  }
  Chain of(const std::string& toml, bool stream, const Observed& observed) {
    of(toml, stream);
    return chain_of(*configuration, {.stream = stream}, observed);
  }
  std::shared_ptr<const config::Configuration> configuration;
};

HangUps hang_ups(double seconds, bool stream) {
  return {.stream = stream,
          .count = 312,
          .seconds = seconds,
          .least_seconds = seconds - 0.1,
          .most_seconds = seconds + 0.2,
          .from = deadline::WallTime(std::chrono::seconds(1'700'000'000)),
          .to = deadline::WallTime(std::chrono::seconds(1'700'086'400))};
}

ProbedWall wall(Wall kind, double seconds, std::string hop = {}) {
  return {.kind = kind,
          .seconds = seconds,
          .how = How::reset,
          .hop = std::move(hop),
          .at = deadline::WallTime(std::chrono::seconds(1'700'000'000)),
          .by = "by ada"};
}

TEST_F(ChainTest, OfTheDefaultsIsInOrder) {
  const auto chain = of("", true);
  EXPECT_THAT(chain.findings, IsEmpty());
  EXPECT_EQ(chain.silent.layer, "total");
  EXPECT_EQ(chain.silent.seconds, 900);
  EXPECT_EQ(chain.silent_midway.layer, "idle");
  EXPECT_EQ(chain.silent_midway.seconds, 120);
  ASSERT_EQ(chain.layers.size(), 6U);
  EXPECT_EQ(chain.layers[0].id, "total");
  EXPECT_EQ(chain.layers[0].source, "default");
}

TEST_F(ChainTest, NginxGivesUpFirstOnWholeAnswers) {
  const auto chain = of("[[front]]\nkind = 'nginx'\n", false);
  EXPECT_EQ(chain.silent.layer, "front:0:idle");
  EXPECT_EQ(chain.silent.seconds, 60);
  ASSERT_EQ(chain.findings.size(), 1U);
  EXPECT_EQ(chain.findings[0].severity, Severity::broken);
  EXPECT_THAT(chain.findings[0].text, HasSubstr("nginx gives up after 60 s, before our total of 900 s"));
  EXPECT_THAT(chain.findings[0].suggestion, HasSubstr("proxy_read_timeout"));
  EXPECT_EQ(chain.layers[0].known, Known::assumed);
}

TEST_F(ChainTest, WhatIsFixedIsNotToBeRaised) {
  const auto chain = of("[[front]]\nkind = 'heroku'\n", false);
  ASSERT_EQ(chain.findings.size(), 1U);
  EXPECT_EQ(chain.findings[0].suggestion, "It is fixed in Heroku: stream.");
}

TEST_F(ChainTest, HeartbeatsCarryAStreamThroughNginx) {
  const auto chain = of("[[front]]\nkind = 'nginx'\n", true);
  EXPECT_EQ(chain.silent.layer, "total");
  EXPECT_THAT(chain.findings, IsEmpty());
  const auto late = of("[timeouts]\nheartbeat_seconds = 40\n[[front]]\nkind = 'nginx'\n", true);
  ASSERT_EQ(late.findings.size(), 1U);
  EXPECT_EQ(late.findings[0].severity, Severity::warning);
  const auto none = of("[timeouts]\nheartbeat_seconds = 0\n[[front]]\nkind = 'nginx'\n", true);
  ASSERT_EQ(none.findings.size(), 1U);
  EXPECT_EQ(none.findings[0].severity, Severity::broken);
  EXPECT_EQ(none.silent.layer, "front:0:idle");
  const auto fast =
      of("[timeouts]\nheartbeat_seconds = 0\nidle_seconds = 30\nfirst_token_seconds = 20\n[[front]]\nkind = "
         "'nginx'\n",
         true);
  EXPECT_THAT(fast.findings, IsEmpty()) << "ours are shorter than its silence";
}

TEST_F(ChainTest, ATotalInFrontBeatsHeartbeats) {
  const auto chain = of("[[front]]\nkind = 'api-gateway'\nname = 'edge'\n", true);
  EXPECT_EQ(chain.silent.layer, "front:0:total");
  ASSERT_EQ(chain.findings.size(), 1U);
  EXPECT_THAT(chain.findings[0].text, HasSubstr("edge gives up on a request after 29 s"));
  EXPECT_THAT(of("[timeouts]\nchat_seconds = 28\n[[front]]\nkind = 'api-gateway'\n", true).findings,
              testing::Each(testing::Field(&Finding::severity, Severity::note)));
}

TEST_F(ChainTest, TheThreeLayersOfTheOldSystem) {
  // Model call 120 s < browser 180 s < server request 300 s, and a hidden fourth timer of 30 s.
  const std::string toml =
      "[timeouts]\nchat_seconds = 300\nattempt_seconds = 120\n[[front]]\nkind = 'browser'\ntotal_seconds = "
      "180\n";
  const auto chain = of(toml, false);
  EXPECT_EQ(chain.silent.layer, "attempt") << "the innermost fails first, as it should";
  ASSERT_EQ(chain.findings.size(), 1U) << "but several calls do not fit into what the browser waits";
  EXPECT_EQ(chain.findings[0].layer, "front:0:total");
  const auto hidden =
      of(toml + "[[front]]\nkind = 'other'\nname = 'the fourth timer'\ntotal_seconds = 30\n", false);
  EXPECT_EQ(hidden.silent.layer, "front:1:total");
  EXPECT_EQ(hidden.silent.seconds, 30);
}

TEST_F(ChainTest, SaysWhatCanNeverRunOut) {
  const auto chain = of("[timeouts]\nchat_seconds = 60\n", true);
  ASSERT_EQ(chain.findings.size(), 1U);
  EXPECT_EQ(chain.findings[0].severity, Severity::note);
  EXPECT_THAT(chain.findings[0].text, HasSubstr("`idle` (120 s) can never run out: `total` (60 s)"));
}

TEST_F(ChainTest, SaysWhenTheNextTargetIsNeverTried) {
  const std::string rule =
      "[[rules]]\npriority = 1\nmatch = 'exact'\npattern = 'm'\ntargets = [{provider='sim'}, "
      "{provider='sim', model='sim-fast'}]\n";
  const auto chain = of(rule, true, true);
  ASSERT_EQ(chain.findings.size(), 1U);
  EXPECT_THAT(chain.findings[0].text, HasSubstr("The first of 2 targets may use up the whole budget"));
  EXPECT_THAT(of(rule + "timeouts = { first_token_seconds = 30 }\n", true, true).findings, IsEmpty());
}

TEST_F(ChainTest, WholeAnswersHaveNoFirstTokenUnlessTheUpstreamStreams) {
  const auto ids = [](const Chain& chain) {
    std::vector<std::string> ids;
    ids.reserve(chain.layers.size());
    for (const auto& layer : chain.layers)
      ids.push_back(layer.id);
    return ids;
  };
  EXPECT_THAT(ids(of("", false)), testing::Not(testing::Contains("first_token")));
  const std::string rule =
      "[[rules]]\npriority = 1\nmatch = 'exact'\npattern = 'm'\nstream_upstream = true\ntargets = "
      "[{provider='sim'}]\n";
  EXPECT_THAT(ids(of(rule, false, true)), testing::Contains("first_token"));
}

TEST_F(ChainTest, OfALocalModelHasItsLoad) {
  const std::string toml =
      "[timeouts]\nload_seconds = 40\n[[models]]\nname = 'm'\nengine = 'llama-server'\nfile = '/m.gguf'\n"
      "timeouts = { load_seconds = 50 }\n[[rules]]\npattern = 'x'\nmatch = 'exact'\npriority = 1\n"
      "targets = [{ provider = 'pool', model = 'm' }]\n";
  const auto load_of = [](const Chain& chain) {
    const auto found = std::ranges::find(chain.layers, "load", &Layer::id);
    return found == chain.layers.end() ? std::nullopt : found->seconds;
  };
  EXPECT_EQ(load_of(of(toml, true)), std::nullopt);
  EXPECT_EQ(load_of(of(toml, true, true)), 40);
  const auto own = chain_of(*configuration, {.provider = &configuration->models[0].provider});
  EXPECT_EQ(load_of(own), 50);
  EXPECT_EQ(own.layers.back().id, "idle") << "its engine streams in any case";
  EXPECT_EQ(own.silent.layer, "total") << "while it loads, no upstream is silent";
  const auto late = of("[timeouts]\nchat_seconds = 60\n" + toml.substr(toml.find("[[models]]")), true, true);
  ASSERT_EQ(late.findings.size(), 2U);
  EXPECT_THAT(late.findings[0].text, HasSubstr("`load` (300 s) can never run out"));
}

TEST_F(ChainTest, WhatIsLearntIsOutsideAndNoFact) {
  Observed observed;
  observed.hang_ups = {hang_ups(60, true)};
  const auto chain = of("[[front]]\nkind = 'caddy'\n", true, observed);
  const auto& layer = chain.layers.front();
  EXPECT_EQ(layer.id, "learnt:0");
  EXPECT_EQ(layer.known, Known::learnt);
  EXPECT_FALSE(layer.ours);
  EXPECT_EQ(
      layer.evidence,
      "312 clients hung up at about 60 s (59.90 to 60.20 s) between 2023-11-14 22:13 UTC and 2023-11-15 "
      "22:13 UTC");
  EXPECT_EQ(layer.requests, "endpoint=chat&from=7d&outcome=cancelled&slower_than=59.899&faster_than=60.201");
  EXPECT_EQ(chain.silent.layer, "total") << "it may be one client of many";
  ASSERT_EQ(chain.findings.size(), 1U);
  EXPECT_EQ(chain.findings[0].severity, Severity::warning);
  EXPECT_THAT(chain.findings[0].text, HasSubstr("before our total of 900 s. A limit of theirs"));
  EXPECT_EQ(chain.findings[0].requests, layer.requests);
  EXPECT_EQ(layer_in(of("", false, observed), "learnt:0"), nullptr) << "they were streams";
  EXPECT_THAT(of("[timeouts]\nchat_seconds = 50\nidle_seconds = 20\n", true, observed).findings, IsEmpty())
      << "we are sooner";
}

TEST_F(ChainTest, WhatIsLearntMayHaveAnExplanation) {
  Observed observed;
  observed.hang_ups = {hang_ups(60.5, false)};
  const auto chain = of("[[front]]\nkind = 'nginx'\n", false, observed);
  EXPECT_EQ(chain.silent.layer, "front:0:idle");
  ASSERT_NE(finding_of(chain, "learnt:0"), nullptr);
  EXPECT_THAT(finding_of(chain, "learnt:0")->text, HasSubstr("The limit of nginx (60 s) would explain it."));
  observed.sent = {
      {.header = "x-stainless-timeout", .count = 9, .of = 10, .least_seconds = 60, .usual_seconds = 60}};
  EXPECT_THAT(finding_of(of("", false, observed), "learnt:0")->text,
              HasSubstr("That is what they announce (x-stainless-timeout)."));
}

TEST_F(ChainTest, WhatClientsAnnounceIsKept) {
  Observed observed;
  observed.sent = {{.stream = true,
                    .what = Sent::What::wait,
                    .header = "x-stainless-timeout",
                    .count = 1200,
                    .of = 5000,
                    .least_seconds = 30,
                    .usual_seconds = 600},
                   {.stream = true,
                    .what = Sent::What::silence,
                    .header = "x-stainless-read-timeout",
                    .count = 3,
                    .of = 5000,
                    .least_seconds = 5,
                    .usual_seconds = 5}};
  const auto chain = of("", true, observed);
  EXPECT_EQ(chain.layers[0].id, "sent:wait");
  EXPECT_EQ(chain.layers[0].seconds, 600);
  EXPECT_EQ(chain.layers[0].known, Known::sent);
  EXPECT_EQ(chain.layers[1].counts, Counts::restarts);
  EXPECT_EQ(chain.silent.layer, "total");
  ASSERT_EQ(chain.findings.size(), 1U) << "keep-alives feed what restarts";
  EXPECT_EQ(chain.findings[0].severity, Severity::note);
  EXPECT_THAT(
      chain.findings[0].text,
      HasSubstr("1200 of the latest 5000 such requests said so; the shortest 30 s, most often 600 s"));
  EXPECT_THAT(of("[timeouts]\nchat_seconds = 500\n", true, observed).findings, IsEmpty());
}

TEST_F(ChainTest, AWallTakesThePlaceOfWhatIsAssumed) {
  struct Case {
    const char* what;
    std::string toml;
    bool stream;
    ProbedWall wall;
    std::string layer;
    Known known;
    double seconds;
    std::size_t contradictions;
  };
  const std::string nginx = "[[front]]\nkind = 'nginx'\n";
  const std::string declared = nginx + "idle_seconds = 60\n";
  const std::string two = nginx + "[[front]]\nkind = 'alb'\nname = 'balancer'\n";
  const std::string gateway = "[[front]]\nkind = 'api-gateway'\n";
  const std::vector<Case> cases = {
      {"assumed", nginx, false, wall(Wall::silent_answer, 30), "front:0:idle", Known::probed, 30, 0},
      {"assumed, named", nginx, false, wall(Wall::silent_answer, 30, "NGINX 1.22"), "front:0:idle",
       Known::probed, 30, 0},
      {"assumed, and longer", nginx, true, wall(Wall::silent_stream, 120), "front:0:idle", Known::probed, 120,
       0},
      {"a whole answer meets totals too", gateway, false, wall(Wall::silent_answer, 27), "front:0:total",
       Known::probed, 27, 0},
      {"a fed stream meets totals only", nginx, true, wall(Wall::total_stream, 60), "probed:0", Known::probed,
       60, 0},
      {"declared, and so it is", declared, false, wall(Wall::silent_answer, 60.1), "front:0:idle",
       Known::declared, 60, 0},
      {"declared, and shorter", declared, false, wall(Wall::silent_answer, 30), "probed:0", Known::probed, 30,
       1},
      {"declared without", nginx + "idle_seconds = 0\n", false, wall(Wall::silent_answer, 30), "probed:0",
       Known::probed, 30, 1},
      {"of two the one that is alike", two, false, wall(Wall::silent_answer, 60.2), "front:0:idle",
       Known::probed, 60.2, 0},
      {"of two none is alike", two, false, wall(Wall::silent_answer, 30), "probed:0", Known::probed, 30, 0},
      {"of two the one that is named", two, false, wall(Wall::silent_answer, 30, "balancer"), "front:1:idle",
       Known::probed, 30, 0},
      {"one that nobody declared", nginx, false, wall(Wall::silent_answer, 30, "Varnish"), "probed:0",
       Known::probed, 30, 0},
      {"nothing in front", "", true, wall(Wall::total_stream, 100), "probed:0", Known::probed, 100, 0},
  };
  for (const auto& [what, toml, stream, probed, id, known, seconds, contradictions] : cases) {
    Observed observed;
    observed.walls = {probed};
    const auto chain = of(toml, stream, observed);
    const auto* layer = layer_in(chain, id);
    ASSERT_NE(layer, nullptr) << what;
    EXPECT_EQ(layer->known, known) << what;
    EXPECT_EQ(layer->seconds, seconds) << what;
    EXPECT_THAT(layer->evidence, HasSubstr("with a reset after")) << what;
    const auto said = std::ranges::count_if(chain.findings, [](const auto& finding) {
      return finding.text.contains("the probe says otherwise");
    });
    EXPECT_EQ(static_cast<std::size_t>(said), contradictions) << what;
  }
}

TEST_F(ChainTest, AWallIsJudgedAsWhatStandsInFront) {
  Observed observed;
  observed.walls = {wall(Wall::total_stream, 100), wall(Wall::silent_stream, 20),
                    wall(Wall::silent_answer, 30)};
  const auto chain = of("", true, observed);
  EXPECT_EQ(chain.silent.layer, "probed:0");
  EXPECT_EQ(chain.silent.seconds, 100);
  EXPECT_EQ(finding_of(chain, "probed:0")->severity, Severity::broken);
  EXPECT_EQ(finding_of(chain, "probed:0")->requests, "endpoint=chat&from=7d&slower_than=100.000");
  EXPECT_EQ(finding_of(chain, "probed:1")->severity, Severity::warning) << "fed, but only just";
  EXPECT_EQ(layer_in(chain, "probed:2"), nullptr) << "of answers in one piece";
  const auto declared = of("[[front]]\nkind = 'nginx'\nidle_seconds = 60\n", false, observed);
  EXPECT_EQ(declared.silent.layer, "probed:0");
  EXPECT_EQ(finding_of(declared, "probed:0")->severity, Severity::broken);
  EXPECT_THAT(declared.findings,
              testing::Contains(
                  testing::Field(&Finding::text, HasSubstr("nginx is declared with 60 s, and the probe says "
                                                           "otherwise: a silent answer was cut with a reset "
                                                           "after 30 s, 2023-11-14 22:13 UTC, by ada."))));
}

TEST_F(ChainTest, SaysWhatHoldsStreamsBack) {
  Observed observed;
  observed.walls = {wall(Wall::silent_stream, 0, "nginx")};
  observed.walls[0].buffers = true;
  const auto chain = of("", true, observed);
  EXPECT_EQ(chain.layers.front().id, "total");
  ASSERT_EQ(chain.findings.size(), 1U);
  EXPECT_THAT(chain.findings[0].text, HasSubstr("nginx holds streams back"));
}

TEST_F(ChainTest, SaysWhenNothingCouldBeObserved) {
  Observed observed;
  observed.trouble = "the request log could not be read in time.";
  const auto chain = of("", true, observed);
  ASSERT_EQ(chain.findings.size(), 1U);
  EXPECT_EQ(chain.findings[0].severity, Severity::note);
  EXPECT_THAT(chain.findings[0].text, HasSubstr("could not be read in time"));
}

TEST_F(ChainTest, TheUpstreamsOwnLimitIsInnermost) {
  const std::string provider =
      "[[providers]]\nname = 'far'\nkind = 'openai'\nbase_url = 'http://127.0.0.1:1/v1'\nown_limit_seconds = "
      "60\n[[providers]]\nname = 'near'\nkind = 'openai'\nbase_url = "
      "'http://127.0.0.1:2/v1'\nown_limit_seconds = 90\n";
  const auto own = [&](const std::string& more, std::string_view name) {
    of(more + provider, true);
    return chain_of(*configuration, {.stream = true, .provider = configuration->provider_named(name)});
  };
  const auto before_total = own("", "far");
  EXPECT_EQ(before_total.layers.back().id, "upstream");
  EXPECT_EQ(before_total.layers.back().name, "far, by itself");
  EXPECT_EQ(before_total.layers.back().known, Known::declared);
  EXPECT_EQ(before_total.silent.layer, "upstream");
  ASSERT_NE(finding_of(before_total, "upstream"), nullptr);
  EXPECT_THAT(
      finding_of(before_total, "upstream")->text,
      HasSubstr("far gives up by itself after 60 s, before our `total` of 900 s: its own error comes first"));
  EXPECT_EQ(finding_of(before_total, "upstream")->requests,
            "endpoint=chat&from=7d&provider=far&outcome=error&slower_than=57.000");
  const auto before_attempt = own("[timeouts]\nattempt_seconds = 70\n", "far");
  EXPECT_THAT(finding_of(before_attempt, "upstream")->text, HasSubstr("before our `attempt` of 70 s"));
  EXPECT_EQ(finding_of(own("[timeouts]\nattempt_seconds = 50\n", "far"), "upstream"), nullptr);
  EXPECT_EQ(finding_of(own("[timeouts]\nattempt_seconds = 70\n", "near"), "upstream"), nullptr);
  EXPECT_EQ(layer_in(of(provider, true), "upstream")->seconds, 60) << "of any model: the shortest";
  EXPECT_EQ(layer_in(own("", "sim"), "upstream"), nullptr);
}

}  // namespace
}  // namespace punctual::chain
