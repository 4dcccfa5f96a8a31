#include "probe/walls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace punctual::probe {
namespace {

using Kind = chain::ProbedWall::Kind;
using How = chain::ProbedWall::How;
using std::chrono::milliseconds;
using std::chrono::seconds;

Result result_of(std::vector<Observation> observations) {
  return {.id = 1,
          .at = 1'700'000'000'000'000,
          .by = "laptop",
          .peer = "10.0.0.7",
          .report = {"https://host/v1", std::move(observations)}};
}

TEST(Walls, AreWhatWasCut) {
  const auto walls = walls_of(result_of({{.kind = StallKind::silent_answer,
                                          .asked = seconds(310),
                                          .lasted = milliseconds(60'013),
                                          .ending = Ending::answered,
                                          .status = 504,
                                          .hop = "nginx/1.22.1",
                                          .hop_kind = "nginx"},
                                         {.kind = StallKind::silent_stream,
                                          .asked = seconds(310),
                                          .lasted = milliseconds(60'100),
                                          .ending = Ending::closed},
                                         {.kind = StallKind::beating_stream, .asked = seconds(310)},
                                         {.kind = StallKind::trickle}}));
  ASSERT_EQ(walls.size(), 2u);
  EXPECT_EQ(walls[0].kind, Kind::silent_answer);
  EXPECT_EQ(walls[0].seconds, 60);
  EXPECT_EQ(walls[0].how, How::error);
  EXPECT_EQ(walls[0].hop, "nginx/1.22.1");
  EXPECT_EQ(walls[0].by, "on the way to https://host/v1, with the key laptop");
  EXPECT_EQ(walls[1].kind, Kind::silent_stream);
  EXPECT_EQ(walls[1].how, How::reset);
  EXPECT_EQ(walls[1].hop, "nginx/1.22.1") << "as soon as the answer, which was signed";
}

TEST(Walls, AnotherLayersCutHasAnotherName) {
  const auto walls = walls_of(result_of(
      {{.kind = StallKind::silent_answer, .lasted = seconds(60), .ending = Ending::answered, .hop = "nginx"},
       {.kind = StallKind::beating_stream, .lasted = seconds(300), .ending = Ending::clean_end}}));
  ASSERT_EQ(walls.size(), 2u);
  EXPECT_EQ(walls[1].kind, Kind::total_stream);
  EXPECT_EQ(walls[1].how, How::clean_end);
  EXPECT_EQ(walls[1].hop, "");
}

TEST(Walls, WhatHoldsStreamsBackIsOneWithoutASecond) {
  const auto walls = walls_of(result_of({{.kind = StallKind::trickle, .in_lumps = true}}));
  ASSERT_EQ(walls.size(), 1u);
  EXPECT_TRUE(walls[0].buffers);
  EXPECT_EQ(walls[0].seconds, 0);
}

}  // namespace
}  // namespace punctual::probe
