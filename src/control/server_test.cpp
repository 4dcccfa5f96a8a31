#include "control/server.hpp"

#include <gmock/gmock.h>

#include "control/control_testing.hpp"

namespace punctual::control {
namespace {

using State = gateway::ManagementStream::State;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(ControlTest, NobodyIsAnsweredWithoutASession) {
  const auto answer = ask({.path = "/api/settings/timeouts"});
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(header(answer, "WWW-Authenticate"), "Bearer");
  EXPECT_THAT(answer.body, HasSubstr(R"("request_id":"req_test")"));
}

TEST_F(ControlTest, TheAdminTokenMayAndAnotherTokenMayNot) {
  EXPECT_EQ(ask_as_admin({.path = "/api/settings/timeouts"}).status, 200);
  const auto refused =
      ask({.path = "/api/settings/timeouts", .headers = {{"authorization", "Bearer another-token"}}});
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(refused.body, Not(HasSubstr("another-token")));
}

TEST_F(ControlTest, ASettingIsChangedWithItsVersion) {
  const auto changed = ask_as_admin({.method = "PUT",
                                     .path = "/api/settings/timeouts",
                                     .body = R"({"chat_seconds":100})",
                                     .headers = {{"if-match", "\"0\""}}});
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(header(changed, "ETag"), "\"1\"");
  const auto stale = ask_as_admin({.method = "PUT",
                                   .path = "/api/settings/timeouts",
                                   .body = R"({"chat_seconds":200})",
                                   .headers = {{"if-match", "\"0\""}}});
  EXPECT_EQ(stale.status, 412);
}

TEST_F(ControlTest, AWrongFieldIsNamedInTheProblem) {
  const auto answer =
      ask_as_admin({.method = "PUT", .path = "/api/settings/timeouts", .body = R"({"chat_seconds":1})"});
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(answer.body, HasSubstr(R"("errors":[{"field":"chat_seconds")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("param":"chat_seconds")"));
}

TEST_F(ControlTest, AProviderIsTriedBeforeItIsStored) {
  constexpr std::string_view path = "/api/settings/providers/test";
  const auto tried = [&](std::string body) {
    return ask_as_admin({.method = "POST", .path = std::string(path), .body = std::move(body)});
  };
  const std::string draft = R"("name":"draft","kind":"openai","base_url":"https://one.test/v1")";
  const auto good = tried("{" + draft + R"(,"api_key":"sk-1"})");
  EXPECT_EQ(good.status, 200) << good.body;
  EXPECT_THAT(good.body, HasSubstr("asked draft"));
  EXPECT_EQ(settings_->current()->stored.version, 0);
  EXPECT_FALSE(settings_->current()->configuration->provider_named("draft"));
  EXPECT_EQ(tried(R"({"name":"draft","kind":"openai","base_url":"nowhere"})").status, 422);

  const auto made = ask_as_admin(
      {.method = "POST", .path = "/api/settings/providers", .body = "{" + draft + R"(,"api_key":"sk-1"})"});
  const std::string id(boost::json::parse(made.body).at("id").as_string());
  EXPECT_EQ(tried(R"({"id":")" + id + "\"," + draft + "}").status, 200);
  const auto elsewhere = tried(R"({"id":")" + id + R"(","kind":"openai","base_url":"https://two.test/v1"})");
  EXPECT_EQ(elsewhere.status, 422);
  EXPECT_THAT(elsewhere.body, HasSubstr(R"("field":"api_key")"));
}

TEST_F(ControlTest, AViewerSeesThePresets) {
  const auto cookie = signed_in("vera", access::Role::viewer);
  const auto answer = ask({.path = "/api/settings/providers/presets", .headers = {cookie}});
  EXPECT_EQ(answer.status, 200);
  const auto list = boost::json::parse(answer.body).at("presets").as_array();
  EXPECT_GE(list.size(), 14u);
  const auto of = [&](std::string_view name) {
    return *std::ranges::find_if(list,
                                 [&](const auto& preset) { return preset.at("name").as_string() == name; });
  };
  EXPECT_EQ(of("azure-openai").at("auth"), "api-key");
  EXPECT_EQ(of("azure-openai").at("base_url"), "");
  EXPECT_EQ(of("azure-openai").at("base_url_form"), "https://RESOURCE.openai.azure.com/openai/v1");
  EXPECT_EQ(of("ollama").at("needs_key"), false);
  EXPECT_EQ(of("ollama").at("local"), true);
}

TEST_F(ControlTest, AViewerLooksAndChangesNothing) {
  const auto cookie = signed_in("vera", access::Role::viewer);
  EXPECT_EQ(ask({.path = "/api/settings/timeouts", .headers = {cookie}}).status, 200);
  for (const auto& route : all_routes()) {
    if (route.needs != Needs::administrator) continue;
    std::string path(route.pattern);
    if (const auto at = path.find("{id}"); at != std::string::npos) path.replace(at, 4, "x");
    EXPECT_EQ(
        ask({.method = std::string(route.method), .path = path, .body = "{}", .headers = {cookie}}).status,
        403)
        << route.method << " " << route.pattern;
  }
}

TEST_F(ControlTest, APageOfAnotherSiteChangesNothing) {
  const auto cookie = signed_in("ada", access::Role::administrator);
  const auto put = [&](std::vector<std::pair<std::string, std::string>> headers) {
    headers.push_back(cookie);
    return ask({.method = "PUT",
                .path = "/api/settings/timeouts",
                .body = R"({"chat_seconds":100})",
                .headers = std::move(headers)})
        .status;
  };
  EXPECT_EQ(put({{"sec-fetch-site", "cross-site"}}), 403);
  EXPECT_EQ(put({{"sec-fetch-site", "same-site"}}), 403);
  EXPECT_EQ(put({{"host", "evil.test"}}), 403);
  EXPECT_EQ(put({{"host", "gateway.test:8080"}}), 200);
  EXPECT_EQ(put({{"content-type", "text/plain"}}), 415);
  EXPECT_EQ(put({}), 200);
}

TEST_F(ControlTest, ASessionThatIsEndedIsNobodys) {
  const auto cookie = signed_in("ada", access::Role::administrator);
  EXPECT_EQ(ask({.method = "DELETE", .path = "/api/session", .headers = {cookie}}).status, 204);
  EXPECT_EQ(ask({.path = "/api/settings/timeouts", .headers = {cookie}}).status, 401);
}

TEST_F(ControlTest, TheFirstAdministratorIsMadeOnce) {
  const auto token = set_up_.start({"setup", "", {}});
  ASSERT_TRUE(token && *token);
  const std::string body =
      R"({"name":"ada","password":"a good password","token":")" + std::string((*token)->reveal()) + "\"}";
  const auto made = ask({.method = "POST", .path = "/api/setup", .body = body});
  EXPECT_EQ(made.status, 200) << made.body;
  EXPECT_THAT(header(made, "Set-Cookie"), HasSubstr("HttpOnly; SameSite=Strict"));
  EXPECT_EQ(ask({.method = "POST", .path = "/api/setup", .body = body}).status, 409);
}

TEST_F(ControlTest, AnApiKeyIsShownOnceAndPublished) {
  const auto made = ask_as_admin({.method = "POST", .path = "/api/keys", .body = R"({"name":"app"})"});
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_THAT(made.body, HasSubstr(R"("key":"punctual_)"));
  EXPECT_EQ(keys_published_, 1);
  EXPECT_THAT(ask_as_admin({.path = "/api/keys"}).body, Not(HasSubstr(R"("key":)")));
}

TEST_F(ControlTest, PathsAndMethodsThatDoNotExistAreTold) {
  EXPECT_EQ(ask_as_admin({.path = "/api/nothing"}).status, 404);
  const auto wrong = ask_as_admin({.method = "DELETE", .path = "/api/settings/timeouts"});
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(header(wrong, "Allow"), "GET, PUT");
  EXPECT_EQ(ask_as_admin({.method = "PUT", .path = "/api/settings/timeouts", .body = "[1]"}).status, 400);
}

TEST_F(ControlTest, ARunningRequestIsShownAndEnded) {
  cores_.requests.push_back({});
  cores_.requests.front().request_id = "run1";
  EXPECT_THAT(ask_as_admin({.path = "/api/requests/running"}).body, HasSubstr("\"run1\""));
  EXPECT_THAT(ask_as_admin({.path = "/api/requests/run1"}).body, HasSubstr(R"("state":"running")"));
  EXPECT_EQ(ask_as_admin({.method = "POST", .path = "/api/requests/run1/cancel"}).status, 202);
  EXPECT_EQ(cores_.cancelled, "run1");
  EXPECT_EQ(ask_as_admin({.method = "POST", .path = "/api/requests/other/cancel"}).status, 404);
}

TEST_F(ControlTest, EventsGoOnFromTheLastOne) {
  ASSERT_EQ(
      ask_as_admin({.method = "PUT", .path = "/api/settings/timeouts", .body = R"({"chat_seconds":100})"})
          .status,
      200);
  const auto answer = ask_as_admin({.path = "/api/events", .headers = {{"last-event-id", "r0.c0"}}});
  ASSERT_TRUE(answer.stream);
  const auto [state, bytes] = pull(answer);
  EXPECT_EQ(state, State::waiting);
  EXPECT_THAT(bytes, HasSubstr("id: r0.c1\nevent: change\n"));
  EXPECT_THAT(pull(answer).second, Not(HasSubstr("event: change")));
}

TEST_F(ControlTest, AnExportIsPulledToItsEnd) {
  const auto answer = ask_as_admin({.path = "/api/requests/export", .query = "format=csv"});
  ASSERT_TRUE(answer.stream);
  std::string all;
  auto state = State::more;
  while (state == State::more) {
    auto [reached, bytes] = pull(answer);
    state = reached;
    all += bytes;
  }
  EXPECT_EQ(state, State::ended);
  EXPECT_THAT(all, HasSubstr("id,time,ended,request_id"));
  EXPECT_EQ(ask_as_admin({.path = "/api/requests/export", .query = "format=xml"}).status, 400);
}

TEST_F(ControlTest, ManyAtOnceAreAllAnswered) {
  std::vector<std::thread> threads;
  threads.reserve(8);
  std::atomic<int> good = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 10; ++round) {
        const auto answer =
            i % 2 == 0 ? ask_as_admin({.path = "/api/requests"})
                       : ask_as_admin({.method = "PUT",
                                       .path = "/api/settings/timeouts",
                                       .body = R"({"chat_seconds":)" + std::to_string(100 + i) + "}"});
        good += answer.status == 200 ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(good, 80);
}

}  // namespace
}  // namespace punctual::control
