#include "http/request_parser.hpp"

#include <gtest/gtest.h>

#include <string>

#include "http/bounds.hpp"

namespace punctual::http {
namespace {

using State = RequestParser::State;

struct Outcome {
  State state = State::head;
  int status = 0;
  std::string detail;
  std::string method, target, path, query, body, fields;
  int minor_version = 0;
  bool keep_alive = false;
  std::size_t used = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(RequestParser& parser, std::size_t used) {
  Outcome outcome;
  outcome.state = parser.state();
  outcome.used = used;
  if (parser.state() == State::failed) {
    outcome.used = 0;
    outcome.status = parser.error().status;
    outcome.detail = parser.error().detail;
  }
  if (parser.state() != State::body && parser.state() != State::complete) return outcome;
  const auto& head = parser.head();
  outcome.method = head.method;
  outcome.target = head.target;
  outcome.path = head.path;
  outcome.query = head.query;
  outcome.minor_version = head.minor_version;
  outcome.keep_alive = head.keep_alive;
  for (const auto& field : head.headers)
    outcome.fields += std::string(field.name) + "=" + std::string(field.value) + ";";
  outcome.body = parser.body();
  return outcome;
}

std::size_t feed(RequestParser& parser, std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && (parser.state() == State::head || parser.state() == State::body))
    used += parser.feed(bytes.substr(used));
  return used;
}

Outcome parsed(std::string_view text, std::size_t split = 0, std::uint64_t body_bytes_max = 1000) {
  RequestParser parser(body_bytes_max);
  std::size_t used = feed(parser, text.substr(0, split));
  if (used == split) used += feed(parser, text.substr(split));
  return outcome_of(parser, used);
}

constexpr std::string_view corpus[] = {
    "GET /health HTTP/1.1\r\nHost: a\r\n\r\n",
    "\r\n\r\nGET /v1/models?limit=1&x=? HTTP/1.1\r\nhost: a\r\nAccept:  text/html \t\r\nX-Empty:\r\n\r\nGET",
    "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\nrest",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: "
    "u\r\n\r\nrest",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.0\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nab",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nContent-Length: "
    "2\r\n\r\nab",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://a/health HTTP/1.1\r\nHost: a\r\n\r\n",
    // Refused.
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\nab",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\nX",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n z\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET / HTTP/1.1\nHost: a\r\n\r\n",
    "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
};

TEST(RequestParser, EverySplitGivesTheSame) {
  for (const auto text : corpus) {
    const Outcome whole = parsed(text);
    EXPECT_NE(whole.state, State::head) << text;
    for (std::size_t split = 1; split < text.size(); ++split) {
      const Outcome parts = parsed(text, split);
      EXPECT_EQ(parts.detail, whole.detail) << text << " at " << split;
      EXPECT_TRUE(parts == whole) << text << " at " << split;
    }
  }
}

TEST(RequestParser, ReadsTheHead) {
  const auto outcome = parsed(corpus[1]);
  EXPECT_EQ(outcome.method, "GET");
  EXPECT_EQ(outcome.target, "/v1/models?limit=1&x=?");
  EXPECT_EQ(outcome.path, "/v1/models");
  EXPECT_EQ(outcome.query, "limit=1&x=?");
  EXPECT_EQ(outcome.fields, "host=a;Accept=text/html;X-Empty=;");
  EXPECT_TRUE(outcome.keep_alive);
  EXPECT_EQ(outcome.used, corpus[1].size() - 3);
}

TEST(RequestParser, ReadsBodiesAndStopsAtTheirEnd) {
  EXPECT_EQ(parsed(corpus[2]).body, "hello");
  EXPECT_EQ(parsed(corpus[2]).used, corpus[2].find("GET / "));
  EXPECT_EQ(parsed(corpus[3]).state, State::complete);
  EXPECT_EQ(parsed(corpus[3]).body, "");
  EXPECT_EQ(parsed(corpus[4]).body, "abcde");
  EXPECT_EQ(parsed(corpus[4]).used, corpus[4].find("rest"));
  EXPECT_TRUE(parsed(corpus[6]).keep_alive);
  EXPECT_FALSE(parsed(corpus[7]).keep_alive);
}

// Java's HttpClient asks for h2c with every request; RFC 9110 lets a server ignore that.
TEST(RequestParser, IgnoresUpgrades) {
  EXPECT_EQ(parsed(corpus[8]).state, State::complete) << parsed(corpus[8]).detail;
  EXPECT_EQ(parsed(corpus[8]).body, "ab");
  EXPECT_EQ(parsed(corpus[9]).state, State::complete) << parsed(corpus[9]).detail;
}

TEST(RequestParser, HasBounds) {
  const std::string start = "POST / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(parsed(start + "Content-Length: 1001\r\n\r\n").status, 413);
  EXPECT_EQ(parsed(start + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x')).state, State::complete);
  EXPECT_EQ(
      parsed(start + "Transfer-Encoding: chunked\r\n\r\n3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\nx\r\n")
          .status,
      413);
  std::string many = start;
  for (std::size_t i = 1; i < header_count_max; ++i)
    many += "A: b\r\n";
  EXPECT_EQ(parsed(many + "\r\n").state, State::complete);
  EXPECT_EQ(parsed(many + "A: b\r\n\r\n").status, 431);
  EXPECT_EQ(parsed("GET /" + std::string(target_bytes_max, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n").status,
            431);
  EXPECT_EQ(parsed(start + "A: " + std::string(head_bytes_max, 'x')).status, 431);
  const std::string long_extension =
      start + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(66000, 'x') + "\r\nx\r\n";
  EXPECT_EQ(parsed(long_extension).status, 400);
}

TEST(RequestParser, IsReadyAgainAfterReset) {
  RequestParser parser(10);
  feed(parser, corpus[4]);
  ASSERT_EQ(parser.state(), State::complete);
  EXPECT_TRUE(parser.started());
  EXPECT_EQ(parser.take_body(), "abcde");
  parser.reset();
  EXPECT_FALSE(parser.started());
  feed(parser, "\r\n");
  EXPECT_FALSE(parser.started()) << "an empty line is not a request";
  feed(parser, corpus[13]);
  EXPECT_EQ(parser.error().status, 400);
  parser.reset();
  feed(parser, corpus[2]);
  EXPECT_EQ(parser.body(), "hello");
}

TEST(RequestParser, KnowsExpectations) {
  RequestParser parser(10);
  feed(parser, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(parser.state(), State::body);
  EXPECT_TRUE(parser.head().expects_continue);
  EXPECT_TRUE(parser.head().has_body);
  EXPECT_EQ(parser.head().content_length, 1u);
}

}  // namespace
}  // namespace punctual::http
