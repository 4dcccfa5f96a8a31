#include "probe/words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace punctual::probe {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

Run run_with(Observation observation, std::vector<SeenStall> seen = {}) {
  Run run;
  run.version = "1.2.3";
  run.heartbeat = seconds(15);
  run.report.url = "https://host/v1";
  run.report.observations = {std::move(observation)};
  run.seen = std::move(seen);
  return run;
}

TEST(Words, SayHowEachEnded) {
  const struct {
    Observation observation;
    std::string_view sentence;
  } cases[] = {
      {{.kind = StallKind::silent_answer, .asked = seconds(310)},
       "an answer that says nothing: nobody cut it in 310 s"},
      {{.kind = StallKind::silent_answer,
        .asked = seconds(310),
        .lasted = milliseconds(60'030),
        .ending = Ending::answered,
        .status = 504,
        .hop = "nginx/1.22.1"},
       "an answer that says nothing: cut after 60.0 s, with status 504 of nginx/1.22.1"},
      {{.kind = StallKind::silent_answer, .lasted = seconds(30), .ending = Ending::answered, .status = 503},
       "an answer that says nothing: cut after 30.0 s, with status 503 of a layer that does not sign"},
      {{.kind = StallKind::silent_stream, .lasted = seconds(50), .ending = Ending::closed},
       "a stream that falls silent: cut after 50.0 s: the connection was closed"},
      {{.kind = StallKind::silent_stream, .lasted = seconds(350), .ending = Ending::reset},
       "a stream that falls silent: cut after 350.0 s: the connection was reset"},
      {{.kind = StallKind::silent_stream, .lasted = seconds(60), .ending = Ending::clean_end},
       "a stream that falls silent: cut after 60.0 s, by an end in order: programs take that for a success"},
      {{.kind = StallKind::beating_stream, .lasted = seconds(15), .ending = Ending::lost},
       "a stream with heartbeats: lost: nothing came after 15.0 s, not even an end"},
      {{.kind = StallKind::beating_stream,
        .asked = seconds(310),
        .events = 22,
        .longest_silence = milliseconds(15'020)},
       "a stream with heartbeats: nobody cut it in 310 s; 20 heartbeats came through, at most 15.0 s apart"},
      {{.kind = StallKind::beating_stream, .asked = seconds(3), .events = 2},
       "a stream with heartbeats: nobody cut it in 3 s, in which no heartbeat came"},
      {{.kind = StallKind::trickle, .events = 21}, "a stream that talks: its 21 events came one by one"},
      {{.kind = StallKind::trickle, .events = 21, .in_lumps = true},
       "a stream that talks: its 21 events came in lumps: something between holds streams back"},
  };
  for (const auto& [observation, sentence] : cases)
    EXPECT_EQ(sentence_of(observation), sentence);
}

TEST(Words, SayWhetherTheGatewayWasTold) {
  const Observation cut{.kind = StallKind::silent_answer,
                        .asked = seconds(310),
                        .lasted = seconds(60),
                        .ended_after = seconds(60),
                        .ending = Ending::answered,
                        .status = 504,
                        .hop = "nginx",
                        .hop_kind = "nginx"};
  const auto told =
      run_with(cut, {{StallKind::silent_answer, seconds(310), StallState::hung_up, milliseconds(60'005)}});
  EXPECT_EQ(place_of(cut, told), "The gateway was told at once, so that the work stops.");
  const auto late =
      run_with(cut, {{StallKind::silent_answer, seconds(310), StallState::whole, seconds(310)}});
  EXPECT_EQ(place_of(cut, late),
            "The gateway was told 250.0 s later: a model would have worked on for nobody.");
  EXPECT_EQ(place_of(cut, run_with(cut)), "");
}

TEST(Words, GuessOnlyWhereNobodySigned) {
  const Observation cut{.kind = StallKind::silent_stream, .lasted = seconds(60), .ending = Ending::closed};
  auto run = run_with(cut);
  EXPECT_THAT(place_of(cut, run), HasSubstr("60 s is what nginx"));
  EXPECT_THAT(place_of(cut, run), Not(HasSubstr("In the way")));
  run.hops = {{nullptr, "awselb/2.0"}};
  EXPECT_THAT(place_of(cut, run), HasSubstr("In the way are: awselb/2.0."));
}

TEST(Words, HarmIsWhatStreamsDoNotSurvive) {
  EXPECT_FALSE(harms(run_with({.kind = StallKind::silent_stream, .ending = Ending::closed})))
      << "heartbeats see to that";
  EXPECT_TRUE(harms(run_with({.kind = StallKind::beating_stream, .ending = Ending::closed})));
  EXPECT_TRUE(harms(run_with({.kind = StallKind::trickle, .in_lumps = true})));
  auto run = run_with({.kind = StallKind::trickle});
  EXPECT_FALSE(harms(run));
  run.findings = {{"warning", "late", "", true}};
  EXPECT_FALSE(harms(run));
  run.findings = {{"broken", "cut", "raise it", true}};
  EXPECT_TRUE(harms(run));
  EXPECT_THAT(text_of(run), HasSubstr("broken: cut\n  raise it\n"));
}

TEST(Words, AsJsonHaveBothSides) {
  const auto run =
      run_with({.kind = StallKind::silent_answer, .lasted = seconds(60), .ending = Ending::reset},
               {{StallKind::silent_answer, seconds(310), StallState::hung_up, seconds(60)}});
  const auto document = document_of(run);
  const auto& observation = document.at("observations").at(0).as_object();
  EXPECT_EQ(observation.at("ending"), "reset");
  EXPECT_EQ(observation.at("gateway").at("state"), "hung_up");
  EXPECT_EQ(document.at("version"), "1.2.3");
}

}  // namespace
}  // namespace punctual::probe
