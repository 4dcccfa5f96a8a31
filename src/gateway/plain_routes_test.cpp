#include "gateway/plain_routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/loader.hpp"
#include "net/memory_stream.hpp"

namespace punctual::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class NoNetwork final : public net::Network {
 public:
  std::unique_ptr<net::Connecting> connect(const net::Endpoint&, base::Signals&,
                                           base::Signals::Mask) override {
    ADD_FAILURE() << "nothing is asked of an upstream here";
    return nullptr;
  }
};

class PlainRoutes : public ::testing::Test {
 protected:
  static std::shared_ptr<const Settings> settings() {
    const auto configuration = config::load(R"(
[[providers]]
name = "here"
kind = "openai"
base_url = "http://127.0.0.1:9/v1"
[[rules]]
priority = 1
match = "exact"
pattern = "house/model:1"
targets = [{ provider = "here", model = "m" }]
[[rules]]
priority = 1
match = "prefix"
pattern = "gpt-"
targets = [{ provider = "here" }]
)",
                                            "test.toml", config::Environment{});
    if (!configuration) {
      for (const auto& error : configuration.error())
        ADD_FAILURE() << error.text();
      return nullptr;
    }
    auto router = routing::Router::build(*configuration);
    return std::make_shared<const Settings>(Settings{*configuration, std::move(*router)});
  }

  std::string ask(std::string_view method, std::string_view path) {
    auto pair = net::memory_stream_pair(runtime);
    relay::ClientWriter client(*pair.first);
    http::RequestHead head;
    head.method = method;
    head.target = head.path = path;
    ReplyContext context;
    context.request_id = "req_1";
    context.instance = path;
    context.type_base = "https://example.com/errors/";
    answer_plain_route(core, head, context, client);
    std::string text(64 * 1024, '\0');
    text.resize(pair.second->try_read(text).bytes);
    return text;
  }

  deadline::ManualClock clock;
  net::Runtime runtime{clock};
  NoNetwork network;
  std::unique_ptr<audit::Journal> journal = *audit::Journal::open("off");
  Core core{{runtime, network, network, *journal, settings(), 1, [] { return std::string("a_metric 1\n"); }}};
};

TEST_F(PlainRoutes, TellHealthAndReadiness) {
  EXPECT_THAT(ask("GET", "/health"), HasSubstr(R"({"status":"ok"})"));
  EXPECT_THAT(ask("GET", "/ready"), HasSubstr(R"({"status":"ready"})"));
}

TEST_F(PlainRoutes, AreHealthyButNotReadyWhileDraining) {
  core.draining = true;
  EXPECT_THAT(ask("GET", "/health"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask("GET", "/ready"), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(ask("GET", "/ready"), HasSubstr("Retry-After: 1\r\n"));
}

TEST_F(PlainRoutes, GiveTheMetricsOfAllCores) {
  const auto text = ask("GET", "/metrics");
  EXPECT_THAT(text, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_TRUE(text.ends_with("\r\n\r\na_metric 1\n"));
}

TEST_F(PlainRoutes, ListTheModelsThatHaveNames) {
  const auto text = ask("GET", "/v1/models");
  EXPECT_THAT(text, HasSubstr(R"("object":"list")"));
  EXPECT_THAT(text, HasSubstr(R"({"id":"house/model:1","object":"model","created":0,"owned_by":"here"})"));
  EXPECT_THAT(text, HasSubstr(R"("id":"sim-fast")"));
  EXPECT_THAT(text, Not(HasSubstr("gpt-")));
}

TEST_F(PlainRoutes, DescribeEveryModelThatARequestCouldName) {
  EXPECT_THAT(ask("GET", "/v1/models/house/model:1"), HasSubstr(R"("id":"house/model:1")"));
  EXPECT_THAT(ask("GET", "/v1/models/house%2Fmodel%3a1"), HasSubstr(R"("id":"house/model:1")"));
  EXPECT_THAT(ask("GET", "/v1/models/gpt-9"), HasSubstr(R"("id":"gpt-9")"));
  EXPECT_THAT(ask("GET", "/v1/models/gpt-%zz%4"), HasSubstr(R"("id":"gpt-%zz%4")"));
}

TEST_F(PlainRoutes, RefuseMethodsWithThoseThatWouldDo) {
  const auto post = ask("GET", "/v1/chat/completions");
  EXPECT_THAT(post, StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(post, HasSubstr("\r\nAllow: POST\r\n"));
  const auto get = ask("DELETE", "/v1/models");
  EXPECT_THAT(get, StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(get, HasSubstr("\r\nAllow: GET"));
}

TEST_F(PlainRoutes, SayWhereTheApiIs) {
  for (const auto path : {"/nothing", "/v1", "/v1/models/", "/v1/modelsx", "/v1/nothing", "/healthz"}) {
    const auto text = ask("GET", path);
    EXPECT_THAT(text, StartsWith("HTTP/1.1 404")) << path;
    EXPECT_THAT(text, HasSubstr("The API is at /v1/chat/completions")) << path;
  }
}

}  // namespace
}  // namespace punctual::gateway
