#include <gmock/gmock.h>

#include "control/control_testing.hpp"
#include "probe/results.hpp"

namespace punctual::control {
namespace {

using ::testing::HasSubstr;

class ProbeRoutes : public ControlTest {
 protected:
  Answer stall(const std::string& body) {
    return ask({.method = "POST", .path = "/v1/probes", .body = body});
  }
  // One that has ended as it does when nobody cut it.
  void let_one_end(const std::string& run, const char* seconds = "0.1") {
    auto request = probe::read_stall_request(
        boost::json::parse(R"({"run":")" + run + R"(","kind":"silent_answer","seconds":)" + seconds + "}")
            .as_object());
    auto place = probes_.begin(*request, "peer:127.0.0.1");
    place->end(probe::StallState::whole);
  }
  Answer report(const std::string& run, const std::string& observation) {
    return ask({.method = "POST",
                .path = "/v1/probes/" + run,
                .body = R"({"url":"https://host/v1","observations":[)" + observation + "]}"});
  }
};

TEST_F(ProbeRoutes, SayWhatAProbeNeedsToKnow) {
  const auto answer = ask({.path = "/v1/probes"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("probe":1)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("total_seconds":9E2)"));
}

TEST_F(ProbeRoutes, AStallTakesAPlaceUntilItsAnswerIsGone) {
  const std::string body = R"({"run":"r","kind":"silent_stream","seconds":10})";
  {
    std::vector<Answer> answers;
    answers.reserve(4);
    for (int i = 0; i < 4; ++i) {
      answers.push_back(stall(body));
      EXPECT_EQ(answers.back().status, 200);
      EXPECT_TRUE(answers.back().live);
    }
    const auto more = stall(body);
    EXPECT_EQ(more.status, 429);
    EXPECT_EQ(header(more, "Retry-After"), "30");
    EXPECT_THAT(more.body, HasSubstr("as many probes open as one may have (4)"));
  }
  EXPECT_EQ(stall(body).status, 200);
}

TEST_F(ProbeRoutes, BadStallsAreRefusedByTheirFields) {
  const auto answer = stall(R"({"run":"r","kind":"nap","seconds":1000})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(answer.body, HasSubstr(R"("field":"kind")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("field":"seconds")"));
}

TEST_F(ProbeRoutes, ARunIsItsOwners) {
  let_one_end("mine");
  const auto seen = ask({.path = "/v1/probes/mine"});
  EXPECT_EQ(seen.status, 200);
  EXPECT_THAT(seen.body, HasSubstr(R"("kind":"silent_answer")"));
  EXPECT_THAT(seen.body, HasSubstr(R"("state":"whole")"));
  EXPECT_EQ(ask({.path = "/v1/probes/other"}).status, 404);
}

TEST_F(ProbeRoutes, WhatWasSeenIsKeptAndForgotten) {
  let_one_end("r");
  const auto kept =
      report("r", R"({"kind":"silent_answer","seconds":0.1,"lasted_seconds":0.1,"ending":"whole"})");
  EXPECT_EQ(kept.status, 200) << kept.body;
  const auto list = ask_as_admin({.path = "/api/probes"});
  EXPECT_THAT(list.body, HasSubstr(R"("url":"https://host/v1")"));
  EXPECT_THAT(list.body, HasSubstr(R"("peer":"127.0.0.1")"));
  EXPECT_EQ(ask({.path = "/api/probes"}).status, 401);
  EXPECT_EQ(ask_as_admin({.method = "DELETE", .path = "/api/probes/77"}).status, 404);
  EXPECT_EQ(ask_as_admin({.method = "DELETE", .path = "/api/probes/x"}).status, 404);
  EXPECT_EQ(ask_as_admin({.method = "DELETE", .path = "/api/probes/1"}).status, 204);
  EXPECT_EQ(ask_as_admin({.path = "/api/probes"}).body, R"({"probes":[]})");
}

TEST_F(ProbeRoutes, NothingIsKeptThatTheGatewayDidNotSee) {
  let_one_end("r");
  for (const std::string_view wrong :
       {R"({"kind":"silent_stream","seconds":0.1,"lasted_seconds":0.1,"ending":"reset"})",
        R"({"kind":"silent_answer","seconds":310,"lasted_seconds":60,"ending":"reset"})",
        R"({"kind":"silent_answer","seconds":0.1,"lasted_seconds":600,"ending":"reset"})"}) {
    const auto answer = report("r", std::string(wrong));
    EXPECT_EQ(answer.status, 422) << wrong;
    EXPECT_THAT(answer.body, HasSubstr("contradict the gateway"));
  }
  EXPECT_EQ(report("never", R"({"kind":"trickle","ending":"whole"})").status, 404);
  EXPECT_EQ(ask_as_admin({.path = "/api/probes"}).body, R"({"probes":[]})");
}

TEST_F(ProbeRoutes, OneThatGoesOnCannotBeReported) {
  const auto open = stall(R"({"run":"r","kind":"silent_stream","seconds":10})");
  const auto answer =
      report("r", R"({"kind":"silent_stream","seconds":10,"lasted_seconds":5,"ending":"reset"})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(answer.body, HasSubstr("goes on"));
}

}  // namespace
}  // namespace punctual::control
