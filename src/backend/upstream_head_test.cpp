#include "backend/upstream_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace punctual::backend {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class UpstreamHeads : public ::testing::Test {
 protected:
  UpstreamHeads() {
    provider.base_url = *config::parse_url("https://api.example.com:8443/v1");
    request.provider = &provider;
    request.path = "/chat/completions";
    request.client_head = &client_head;
    request.request_id = "req_1";
    request.body_bytes = 12;
  }
  std::string head() const {
    std::string out;
    append_upstream_head(out, request);
    return out;
  }

  config::Provider provider;
  http::RequestHead client_head;
  UpstreamRequest request;
};

TEST_F(UpstreamHeads, AreWholeHeadsForTheProvidersAddress) {
  EXPECT_EQ(head(),
            "POST /v1/chat/completions HTTP/1.1\r\nHost: api.example.com:8443\r\nX-Request-ID: req_1\r\n"
            "Content-Length: 12\r\n\r\n");
}

TEST_F(UpstreamHeads, PassTheClientsFieldsOn) {
  client_head.headers.add("Content-Type", "application/json");
  client_head.headers.add("OpenAI-Beta", "assistants=v2");
  client_head.headers.add("traceparent", "00-1-2-01");
  EXPECT_THAT(head(), HasSubstr("\r\nContent-Type: application/json\r\nOpenAI-Beta: assistants=v2\r\n"
                                "traceparent: 00-1-2-01\r\n"));
}

TEST_F(UpstreamHeads, LeaveOutWhatBelongsToTheClientsConnection) {
  for (const auto name : {"Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
                          "Proxy-Authorization", "Proxy-Connection", "Host", "Content-Length", "Expect",
                          "Accept-Encoding", "X-Request-ID", "Origin", "Referer"}) {
    client_head.headers.clear();
    client_head.headers.add(name, "from-the-client");
    EXPECT_THAT(head(), Not(HasSubstr("from-the-client"))) << name;
  }
}

TEST_F(UpstreamHeads, LeaveOutWhatConnectionNames) {
  client_head.headers.add("connection", "close, X-Hop");
  client_head.headers.add("x-hop", "hop value");
  client_head.headers.add("Connection", "x-second");
  client_head.headers.add("X-Second", "second value");
  client_head.headers.add("X-End", "end value");
  EXPECT_THAT(head(), Not(HasSubstr("hop value")));
  EXPECT_THAT(head(), Not(HasSubstr("second value")));
  EXPECT_THAT(head(), HasSubstr("X-End: end value\r\n"));
}

TEST_F(UpstreamHeads, NeverPassTheClientsCredentialsOn) {
  for (const auto name : {"Authorization", "authorization", "X-API-Key", "Cookie", "X-Punctual-Token"}) {
    client_head.headers.clear();
    client_head.headers.add(name, "client-secret");
    EXPECT_THAT(head(), Not(HasSubstr("client-secret"))) << name;
  }
}

TEST_F(UpstreamHeads, LeaveOutLimitsThatWereMeantForTheGateway) {
  for (const auto name : {"X-Request-Timeout", "x-stainless-timeout", "x-stainless-read-timeout"}) {
    client_head.headers.clear();
    client_head.headers.add(name, "37");
    EXPECT_THAT(head(), Not(HasSubstr("37"))) << name;
  }
}

TEST_F(UpstreamHeads, CarryTheProvidersKeyInPlaceOfTheClients) {
  client_head.headers.add("Authorization", "Bearer client-secret");
  provider.api_key = config::Secret("sk-provider");
  EXPECT_THAT(head(), HasSubstr("\r\nAuthorization: Bearer sk-provider\r\n"));
  EXPECT_THAT(head(), Not(HasSubstr("client-secret")));
}

TEST_F(UpstreamHeads, CarryTheKeyInTheFieldThatAuthSays) {
  provider.api_key = config::Secret("sk-provider");
  client_head.headers.add("api-key", "client-secret");
  provider.auth = config::Auth::x_api_key;
  EXPECT_THAT(head(), HasSubstr("\r\nx-api-key: sk-provider\r\n"));
  EXPECT_THAT(head(), Not(HasSubstr("Authorization")));
  provider.auth = config::Auth::api_key;
  EXPECT_THAT(head(), HasSubstr("\r\napi-key: sk-provider\r\n"));
  EXPECT_THAT(head(), Not(HasSubstr("Authorization")));
  EXPECT_THAT(head(), Not(HasSubstr("client-secret")));
  provider.auth = config::Auth::none;
  EXPECT_THAT(head(), Not(HasSubstr("sk-provider")));
}

TEST_F(UpstreamHeads, TellAnthropicAVersionWhereNobodyHas) {
  EXPECT_THAT(head(), Not(HasSubstr("anthropic-version")));
  provider.kind = config::ProviderKind::anthropic;
  EXPECT_THAT(head(), HasSubstr("\r\nanthropic-version: 2023-06-01\r\n"));
  client_head.headers.add("Anthropic-Version", "2024-01-01");
  EXPECT_THAT(head(), HasSubstr("\r\nAnthropic-Version: 2024-01-01\r\n"));
  EXPECT_THAT(head(), Not(HasSubstr("2023-06-01")));
  provider.headers = {{"anthropic-version", "2025-01-01"}};
  EXPECT_THAT(head(), HasSubstr("\r\nanthropic-version: 2025-01-01\r\n"));
  EXPECT_THAT(head(), Not(HasSubstr("2024-01-01")));
  request.client_head = nullptr;
  provider.headers.clear();
  EXPECT_THAT(head(), HasSubstr("\r\nanthropic-version: 2023-06-01\r\n"));
}

TEST_F(UpstreamHeads, CarryTheProvidersFieldsInPlaceOfTheClients) {
  provider.headers = {{"OpenAI-Organization", "org-ours"}};
  client_head.headers.add("openai-organization", "org-theirs");
  EXPECT_THAT(head(), HasSubstr("\r\nOpenAI-Organization: org-ours\r\n"));
  EXPECT_THAT(head(), Not(HasSubstr("org-theirs")));
}

TEST_F(UpstreamHeads, NameTheHostOfEachKindOfAddress) {
  provider.base_url = *config::parse_url("https://api.example.com");
  EXPECT_THAT(head(), HasSubstr("POST /chat/completions HTTP/1.1\r\nHost: api.example.com\r\n"));
  provider.base_url = *config::parse_url("http://[::1]:9/v1");
  EXPECT_THAT(head(), HasSubstr("\r\nHost: [::1]:9\r\n"));
  provider.base_url = *config::parse_url("unix:/run/engine.sock:/v1");
  EXPECT_THAT(head(), HasSubstr("\r\nHost: localhost\r\n"));
  provider.kind = config::ProviderKind::simulated;
  EXPECT_THAT(head(), HasSubstr("\r\nHost: sim\r\n"));
}

TEST_F(UpstreamHeads, RequestsOfOurOwnNeedNoClientAndNoBody) {
  request.client_head = nullptr;
  request.method = "GET";
  request.path = "/models";
  request.request_id = {};
  request.body_bytes = 0;
  EXPECT_EQ(head(), "GET /v1/models HTTP/1.1\r\nHost: api.example.com:8443\r\n\r\n");
}

}  // namespace
}  // namespace punctual::backend
