#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "config/test_support.hpp"

namespace punctual::config {
namespace {

using deadline::Phase;
using deadline::SourceKind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

std::shared_ptr<const Configuration> loaded_from(std::string_view text, const Environment& environment = {}) {
  auto loaded = load(text, "test.toml", environment);
  EXPECT_TRUE(loaded) << all_errors(loaded);
  return loaded ? *loaded : std::make_shared<const Configuration>();
}

TEST(Timeouts, DefaultsAreThoseThatWerePromised) {
  const Timeouts timeouts;
  EXPECT_EQ(timeouts.limits_for(Endpoint::chat)[Phase::total].duration, seconds(900));
  EXPECT_EQ(timeouts.limits_for(Endpoint::completions)[Phase::total].duration, seconds(600));
  EXPECT_EQ(timeouts.limits_for(Endpoint::embeddings)[Phase::total].duration, seconds(120));
  for (Endpoint endpoint : all_endpoints) {
    const deadline::Limits limits = timeouts.limits_for(endpoint);
    EXPECT_EQ(limits[Phase::receive].duration, seconds(60));
    EXPECT_EQ(limits[Phase::queue].duration, std::nullopt);
    EXPECT_EQ(limits[Phase::load].duration, seconds(300));
    EXPECT_EQ(limits[Phase::connect].duration, seconds(10));
    EXPECT_EQ(limits[Phase::first_token].duration, std::nullopt);
    EXPECT_EQ(limits[Phase::idle].duration, seconds(120));
    EXPECT_EQ(limits[Phase::attempt].duration, std::nullopt);
    EXPECT_EQ(limits[Phase::drain].duration, seconds(60));
    for (Phase phase : deadline::all_phases)
      EXPECT_EQ(limits[phase].source.text(), "default");
  }
  EXPECT_EQ(timeouts.receive_head.duration, seconds(30));
  EXPECT_EQ(timeouts.heartbeat.duration, seconds(15));
}

TEST(Timeouts, EachNamesItsKeyOfTheFile) {
  const auto configuration = loaded_from(R"([timeouts]
chat_seconds = 0.25
completions_seconds = 2
embeddings_seconds = 3
receive_head_seconds = 4
receive_seconds = 5
queue_seconds = 6
load_seconds = 7
connect_seconds = 8
first_token_seconds = 9
idle_seconds = 10
attempt_seconds = 11
drain_seconds = 12
heartbeat_seconds = 13
)");
  const Timeouts& timeouts = configuration->timeouts;
  const deadline::Limits chat = timeouts.limits_for(Endpoint::chat);
  EXPECT_EQ(chat[Phase::total].duration, milliseconds(250));
  EXPECT_EQ(chat[Phase::total].source.kind, SourceKind::file);
  EXPECT_EQ(chat[Phase::total].source.name, "timeouts.chat_seconds");
  EXPECT_EQ(timeouts.limits_for(Endpoint::completions)[Phase::total].source.name,
            "timeouts.completions_seconds");
  EXPECT_EQ(timeouts.limits_for(Endpoint::embeddings)[Phase::total].source.name,
            "timeouts.embeddings_seconds");
  EXPECT_EQ(timeouts.receive_head.duration, seconds(4));
  const std::pair<Phase, int> phases[] = {{Phase::receive, 5},  {Phase::queue, 6},       {Phase::load, 7},
                                          {Phase::connect, 8},  {Phase::first_token, 9}, {Phase::idle, 10},
                                          {Phase::attempt, 11}, {Phase::drain, 12}};
  for (const auto& [phase, length] : phases) {
    EXPECT_EQ(chat[phase].duration, seconds(length));
    EXPECT_EQ(chat[phase].source.name, "timeouts." + std::string(name_of(phase)) + "_seconds");
  }
  EXPECT_EQ(timeouts.heartbeat.duration, seconds(13));
  EXPECT_EQ(timeouts.heartbeat.source.text(), "file timeouts.heartbeat_seconds");
}

TEST(Timeouts, ZeroIsNoneWhereThatIsSafeAndAnErrorElsewhere) {
  const auto configuration = loaded_from(
      "[timeouts]\nqueue_seconds=0\nfirst_token_seconds=0\nattempt_seconds=0\nheartbeat_seconds=0\n"
      "idle_seconds=0\ndrain_seconds=0\nload_seconds=0.0");
  const deadline::Limits limits = configuration->timeouts.limits_for(Endpoint::chat);
  for (Phase phase :
       {Phase::queue, Phase::first_token, Phase::attempt, Phase::idle, Phase::drain, Phase::load}) {
    EXPECT_EQ(limits[phase].duration, std::nullopt) << name_of(phase);
    EXPECT_EQ(limits[phase].source.kind, SourceKind::file) << name_of(phase);
  }
  EXPECT_EQ(configuration->timeouts.heartbeat.duration, std::nullopt);
  for (std::string name : {"chat", "completions", "embeddings", "connect", "receive", "receive_head"}) {
    EXPECT_EQ(errors_of("[timeouts]\n" + name + "_seconds = 0").size(), 1u) << name;
  }
}

TEST(Timeouts, RefusesWhatIsNoLengthOfTime) {
  for (const char* value : {"nan", "+inf", "-inf", "-0.001", "true", "[1]", "'x'"}) {
    EXPECT_EQ(errors_of(std::string("[timeouts]\nidle_seconds = ") + value).size(), 1u) << value;
  }
  for (const char* value : {"nan", "inf", "-1", "", " ", "1s", "0x10", "1e999"}) {
    const auto errors = errors_of("", variables({{"PUNCTUAL_TIMEOUT_IDLE_SECONDS", value}}));
    ASSERT_EQ(errors.size(), 1u) << value;
    EXPECT_TRUE(errors[0].starts_with("environment: PUNCTUAL_TIMEOUT_IDLE_SECONDS: is ")) << errors[0];
  }
}

TEST(Timeouts, TheSmallestPositiveNumberIsStillALimit) {
  const auto configuration = loaded_from("[timeouts]\nchat_seconds = 1e-30\nidle_seconds = 1e300");
  EXPECT_GT(*configuration->timeouts.chat.duration, deadline::Duration::zero());
  EXPECT_GT(*configuration->timeouts.idle.duration, seconds(1));
}

TEST(Timeouts, TheEnvironmentBeatsTheFile) {
  const auto configuration = loaded_from("[timeouts]\nchat_seconds = 5\nidle_seconds = 6",
                                         variables({{"PUNCTUAL_TIMEOUT_CHAT_SECONDS", "0.5"}}));
  EXPECT_EQ(configuration->timeouts.chat.duration, milliseconds(500));
  EXPECT_EQ(configuration->timeouts.chat.source.text(), "environment PUNCTUAL_TIMEOUT_CHAT_SECONDS");
  EXPECT_EQ(configuration->timeouts.idle.source.text(), "file timeouts.idle_seconds");
  EXPECT_THAT(configuration->notices, IsEmpty());
}

TEST(Timeouts, TheNamesOfTheOldServerAreAliases) {
  const auto configuration = loaded_from("", variables({{"MLX_SERVER_TIMEOUT_CHAT_SECONDS", "901.5"},
                                                        {"MLX_SERVER_TIMEOUT_COMPLETIONS_SECONDS", "601"},
                                                        {"MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS", "121"},
                                                        {"MLX_SERVER_TIMEOUT_IDLE_SECONDS", "1"}}));
  EXPECT_EQ(configuration->timeouts.chat.duration, milliseconds(901'500));
  EXPECT_EQ(configuration->timeouts.chat.source.text(), "environment MLX_SERVER_TIMEOUT_CHAT_SECONDS");
  EXPECT_EQ(configuration->timeouts.completions.duration, seconds(601));
  EXPECT_EQ(configuration->timeouts.embeddings.duration, seconds(121));
  EXPECT_EQ(configuration->timeouts.idle.duration, seconds(120));
  EXPECT_THAT(configuration->notices,
              ElementsAre("MLX_SERVER_TIMEOUT_IDLE_SECONDS is no setting and is ignored"));
}

TEST(Timeouts, OfSeveralNamesTheFirstWinsAndTheLogSaysSo) {
  const auto configuration = loaded_from("", variables({{"PUNCTUAL_TIMEOUT_CHAT_SECONDS", "1"},
                                                        {"PUNCTUAL_TIMEOUTS_CHAT_SECONDS", "2"},
                                                        {"MLX_SERVER_TIMEOUT_CHAT_SECONDS", "3"},
                                                        {"PUNCTUAL_TIMEOUTS_EMBEDDINGS_SECONDS", "4"},
                                                        {"MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS", "5"}}));
  EXPECT_EQ(configuration->timeouts.chat.duration, seconds(1));
  EXPECT_EQ(configuration->timeouts.embeddings.duration, seconds(4));
  EXPECT_THAT(
      configuration->notices,
      ElementsAre("PUNCTUAL_TIMEOUT_CHAT_SECONDS is used; PUNCTUAL_TIMEOUTS_CHAT_SECONDS, which means the "
                  "same, is set too and ignored",
                  "PUNCTUAL_TIMEOUT_CHAT_SECONDS is used; MLX_SERVER_TIMEOUT_CHAT_SECONDS, which means the "
                  "same, is set too and ignored",
                  "PUNCTUAL_TIMEOUTS_EMBEDDINGS_SECONDS is used; MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS, "
                  "which means the same, is set too and ignored"));
}

TEST(Timeouts, AMistakeInTheFileDoesNotHideBehindAVariable) {
  EXPECT_EQ(
      errors_of("[timeouts]\nchat_seconds = 'x'", variables({{"PUNCTUAL_TIMEOUT_CHAT_SECONDS", "1"}})).size(),
      1u);
}

RC_GTEST_PROP(Timeouts, AnyPositiveNumberIsTaken, ()) {
  const auto thousandths = *rc::gen::inRange(1, 1'000'000'000);
  const auto text =
      std::to_string(thousandths / 1000) + "." + std::to_string(1000 + thousandths % 1000).substr(1);
  const auto loaded = load("[timeouts]\nchat_seconds = " + text, "", {});
  RC_ASSERT(loaded.has_value());
  RC_ASSERT((*loaded)->timeouts.chat.duration == milliseconds(thousandths));
}

}  // namespace
}  // namespace punctual::config
