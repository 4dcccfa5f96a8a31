#include "http/problem.hpp"

#include <gtest/gtest.h>

namespace punctual::http {
namespace {

constexpr std::string_view base = "https://mlx-manager.dev/errors/";

Problem timed_out() {
  Problem problem = make_problem(504, "Request timed out after 900 seconds");
  problem.fired = FiredLimit{"total", 900, "environment PUNCTUAL_TIMEOUT_CHAT_SECONDS", 900.0004, true};
  return problem;
}

TEST(Problem, IsTheDocumentOfTheDeadlineModel) {
  EXPECT_EQ(problem_json(timed_out(), base, "/v1/chat/completions", "req_1"),
            R"({"type":"https://mlx-manager.dev/errors/timeout","title":"Request Timeout","status":504,)"
            R"("detail":"Request timed out after 900 seconds","instance":"/v1/chat/completions",)"
            R"("request_id":"req_1","limit":"total","limit_seconds":900,)"
            R"("limit_source":"environment PUNCTUAL_TIMEOUT_CHAT_SECONDS","elapsed_seconds":900,)"
            R"("upstream_answered":true,"error":{"message":"Request timed out after 900 seconds",)"
            R"("type":"https://mlx-manager.dev/errors/timeout","code":"timeout","param":null}})");
}

TEST(Problem, HasAnAnthropicForm) {
  EXPECT_EQ(
      anthropic_problem_json(timed_out(), base, "/v1/messages", "req_1"),
      R"({"type":"error","error":{"type":"timeout_error","message":"Request timed out after 900 seconds",)"
      R"("problem":"https://mlx-manager.dev/errors/timeout","title":"Request Timeout","status":504,)"
      R"("detail":"Request timed out after 900 seconds","instance":"/v1/messages","request_id":"req_1",)"
      R"("limit":"total","limit_seconds":900,"limit_source":"environment PUNCTUAL_TIMEOUT_CHAT_SECONDS",)"
      R"("elapsed_seconds":900,"upstream_answered":true},"request_id":"req_1"})");
}

TEST(Problem, NamesTheFieldAndTheTimeToWait) {
  Problem problem = make_problem(503, "busy", "x");
  problem.retry_after_seconds = 1.5;
  EXPECT_EQ(
      problem_json(problem, "b/", "/", "r"),
      R"({"type":"b/service-unavailable","title":"Service Unavailable","status":503,"detail":"busy",)"
      R"("instance":"/","request_id":"r","param":"x","retry_after_seconds":1.5,"error":{"message":"busy",)"
      R"("type":"b/service-unavailable","code":"service_unavailable","param":"x"}})");
}

TEST(Problem, HasTheSlugsOfTheOutcomes) {
  EXPECT_EQ(make_problem(408, "").slug, "request-timeout");
  EXPECT_EQ(make_problem(502, "").slug, "bad-gateway");
  EXPECT_EQ(make_problem(400, "").slug, "bad-request");
  EXPECT_EQ(make_problem(404, "").slug, "not-found");
  EXPECT_EQ(make_problem(431, "").slug, "request-header-fields-too-large");
}

TEST(Problem, KeepsTheErrorOfTheUpstream) {
  Problem problem = make_problem(429, "limited");
  problem.upstream_error = R"({"message":"slow down","code":7})";
  const auto document = problem_json(problem, base, "/", "r");
  EXPECT_TRUE(document.ends_with(R"("error":{"message":"slow down","code":7}})")) << document;
  problem.upstream_error = "no json";
  EXPECT_NE(problem_json(problem, base, "/", "r").find(R"("error":{"message":"limited")"), std::string::npos);
}

TEST(Problem, IsAlwaysUtf8AndEscaped) {
  const auto document = problem_json(make_problem(400, "a\xff\"\n\xc3\xa4"), base, "/\xc3\xa4", "r");
  EXPECT_NE(document.find("a\xef\xbf\xbd\\\"\\n"), std::string::npos) << document;
  EXPECT_EQ(document.find('\xff'), std::string::npos);
  EXPECT_NE(document.find("\"instance\":\"/\xc3\xa4\""), std::string::npos);
}

}  // namespace
}  // namespace punctual::http
