#include "api/request.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace punctual::api {
namespace {

using namespace std::chrono_literals;

std::expected<Request, http::Problem> read(std::string body,
                                           std::string_view media_type = "application/json") {
  json::Reader reader;
  http::RequestHead head;
  if (!media_type.empty()) head.headers.add("content-type", media_type);
  return read_request(Operation::chat_completions, head, std::move(body), reader);
}

std::string sent(const Request& request, std::string_view model) {
  std::string model_text;
  std::string text;
  for (const auto piece : upstream_body(request, model, model_text).pieces())
    text += piece;
  return text;
}

TEST(ReadRequest, ReadsWhatTheGatewayNeeds) {
  const auto request =
      read(R"({"stream":true,"messages":[{"model":"x"}],"timeout":1.5,"model":"gpt-\u0034"})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->model, "gpt-4");
  EXPECT_TRUE(request->stream);
  EXPECT_EQ(request->body_timeout, 1500ms);
  EXPECT_TRUE(request->has_timeout_member);
}

TEST(ReadRequest, TakesAbsentAndNullMembers) {
  for (const auto body : {R"({"model":"m"})", R"({"model":"m","stream":null,"timeout":null})",
                          R"({"model":"m","stream":false})"}) {
    const auto request = read(body);
    ASSERT_TRUE(request) << body;
    EXPECT_FALSE(request->stream);
    EXPECT_FALSE(request->body_timeout);
  }
  EXPECT_TRUE(read(R"({"model":"m","timeout":null})")->has_timeout_member) << "it is not passed on";
  EXPECT_EQ(read(R"({"model":"m","timeout":3})")->body_timeout, 3s);
  EXPECT_GT(read(R"({"model":"m","timeout":1e-12})")->body_timeout, 0ns) << "positive, however small";
  EXPECT_GT(read(R"({"model":"m","timeout":1e300})")->body_timeout, 1h);
}

struct Refusal {
  std::string_view body;
  std::string_view param;
  std::string_view words;
};

TEST(ReadRequest, SaysWhatIsWrong) {
  for (const auto& [body, param, words] : std::initializer_list<Refusal>{
           {"", "", "no body"},
           {"{", "", "not valid JSON"},
           {R"({"model":"m"} x)", "", "not valid JSON"},
           {"\xef\xbb\xbf{\"model\":\"m\"}", "", "not valid JSON"},
           {"[1]", "", "is an array"},
           {"null", "", "is null"},
           {"{}", "model", "is missing"},
           {R"({"Model":"m"})", "model", "is missing"},
           {R"({"x":{"model":"m"}})", "model", "is missing"},
           {R"({"model":""})", "model", "is empty"},
           {R"({"model":null})", "model", "is null"},
           {R"({"model":1})", "model", "is a number"},
           {R"({"model":["m"]})", "model", "is an array"},
           {R"({"model":{}})", "model", "is an object"},
           {R"({"model":"m","stream":"true"})", "stream", "is a string"},
           {R"({"model":"m","stream":1})", "stream", "is a number"},
           {R"({"model":"m","timeout":"5"})", "timeout", "is a string"},
           {R"({"model":"m","timeout":0})", "timeout",
            "`timeout` is 0; it must be a positive number of seconds."},
           {R"({"model":"m","timeout":-1.5})", "timeout", "`timeout` is -1.5;"},
           {R"({"model":"m","timeout":true})", "timeout", "is a boolean"},
           {R"({"model":"m","timeout":1e999})", "", "not valid JSON"},
           {R"({"model":"m","model":"m"})", "model", "stands twice"},
           {R"({"stream":true,"model":"m","stream":true})", "stream", "stands twice"},
           {R"({"timeout":1,"model":"m","timeout":2})", "timeout", "stands twice"},
           {R"({"model":"m","\u006dodel":"x"})", "model", "stands twice"},
           {R"({"model":"m","stream":true,"\u0073tream":false})", "stream", "stands twice"}}) {
    const auto request = read(std::string(body));
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().status, 400) << body;
    EXPECT_EQ(request.error().param, param) << body;
    EXPECT_NE(request.error().message.find(words), std::string::npos)
        << body << ": " << request.error().message;
  }
}

TEST(ReadRequest, WantsJson) {
  for (const auto type : {"", "application/json", "Application/JSON; charset=utf-8", "application/json;",
                          "application/vnd.x+json"})
    EXPECT_TRUE(read(R"({"model":"m"})", type)) << type;
  for (const auto type : {"text/plain", "application/jsonx", "application/x-www-form-urlencoded",
                          "multipart/form-data; x=json"}) {
    const auto request = read(R"({"model":"m"})", type);
    ASSERT_FALSE(request) << type;
    EXPECT_EQ(request.error().status, 415);
    EXPECT_EQ(request.error().param, "Content-Type");
  }
}

TEST(UpstreamBody, LeavesTheRestAsItIs) {
  const std::string body = R"( {"a" : [1, 2.50] ,"model" : "m","z":"\u00e4"} )";
  EXPECT_EQ(sent(*read(body), "m"), body);
  EXPECT_EQ(sent(*read(body), "n\"o"), R"( {"a" : [1, 2.50] ,"model" : "n\"o","z":"\u00e4"} )");
  EXPECT_EQ(sent(*read(R"({"timeout":5,"model":"m"})"), "m"), R"({"model":"m"})");
  EXPECT_EQ(sent(*read(R"({"model":"m", "timeout":5})"), "n"), R"({"model":"n"})");
  EXPECT_EQ(sent(*read(R"({"timeout":null,"model":"m"})"), "n"), R"({"model":"n"})");
}

// Another spelling of a key must not get past the rules: the upstream's parser would read it as the member.
TEST(UpstreamBody, AnEscapedKeyDoesNotSneakAround) {
  EXPECT_EQ(sent(*read(R"({"\u006dodel":"m"})"), "n"), R"({"\u006dodel":"n"})");
  EXPECT_EQ(sent(*read(R"({"model":"m","\u0074imeout":5})"), "m"), R"({"model":"m"})");
  EXPECT_EQ(read(R"({"model":"m","\u0074imeout":5})")->body_timeout, 5s);
}

}  // namespace
}  // namespace punctual::api
