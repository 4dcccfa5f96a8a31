#include "chain/chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/loader.hpp"

namespace punctual::chain {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ChainTest : public testing::Test {
 protected:
  Chain of(const std::string& toml, bool stream, bool with_rule = false) {
    auto loaded = config::load(toml, "test.toml", config::Environment());
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error()[0].text());
    configuration = *loaded;
    return chain_of(*configuration,
                    {.stream = stream, .rule = with_rule ? configuration->rules.data() : nullptr});
  }
  std::shared_ptr<const config::Configuration> configuration;
};

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

}  // namespace
}  // namespace punctual::chain
