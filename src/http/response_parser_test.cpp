#include "http/response_parser.hpp"

#include <gtest/gtest.h>

#include <string>

#include "http/bounds.hpp"

namespace punctual::http {
namespace {

using State = ResponseParser::State;

struct Outcome {
  State state = State::head;
  int status = 0;
  std::string content, error, fields;
  std::size_t used = 0;
  bool keep_alive = false;
  bool operator==(const Outcome&) const = default;
};

std::size_t feed(ResponseParser& parser, std::string_view bytes, Outcome& outcome) {
  std::size_t used = 0;
  BodyPieces pieces;
  while (used < bytes.size()) {
    if (parser.state() == State::head) {
      used += parser.feed_head(bytes.substr(used));
    } else if (parser.state() == State::body) {
      used += parser.feed_body(bytes.substr(used), pieces);
      if (parser.state() == State::failed) break;
      for (const auto piece : pieces.content)
        outcome.content += piece;
    } else {
      break;
    }
  }
  return used;
}

Outcome parsed(std::string_view text, std::size_t split = 0, bool closed = true) {
  ResponseParser parser;
  Outcome outcome;
  outcome.used = feed(parser, text.substr(0, split), outcome);
  if (outcome.used == split) outcome.used += feed(parser, text.substr(split), outcome);
  if (closed) parser.end_of_stream();
  outcome.state = parser.state();
  outcome.error = parser.error();
  if (parser.state() == State::failed) {
    outcome.content.clear();  // how much came before the fault depends on the split
    outcome.used = 0;
    return outcome;
  }
  outcome.status = parser.head().status;
  for (const auto& field : parser.head().headers)
    outcome.fields += std::string(field.name) + "=" + std::string(field.value) + ";";
  outcome.keep_alive = parser.keep_alive();
  return outcome;
}

constexpr std::string_view corpus[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhellomore",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n02;x=y\r\nde\r\n0\r\nT: u\r\n\r\nmore",
    "HTTP/1.1 200 OK\r\nA: b\r\n\r\nuntil the end",
    "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 "
    "No\r\nContent-Length: 2\r\n\r\nno",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc",
    "HTTP/1.1 304 Not Modified\r\n\r\n",
    "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab",
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab",
    // Refused, or cut.
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\na",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    "HTTP/2 200\r\n\r\n",
    "<html>\r\n\r\n",
    "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    "\rHTTP/1.1 200 OK\r\n\r\n",
    "",
};

TEST(ResponseParser, EverySplitGivesTheSame) {
  for (const auto text : corpus) {
    const Outcome whole = parsed(text);
    EXPECT_NE(whole.state, State::head) << text;
    for (std::size_t split = 1; split < text.size(); ++split) {
      const Outcome parts = parsed(text, split);
      EXPECT_EQ(parts.error, whole.error) << text << " at " << split;
      EXPECT_TRUE(parts == whole) << text << " at " << split;
    }
  }
}

TEST(ResponseParser, KnowsTheEndsOfBodies) {
  EXPECT_EQ(parsed(corpus[0]).content, "hello");
  EXPECT_EQ(parsed(corpus[0]).used, corpus[0].size() - 4);
  EXPECT_EQ(parsed(corpus[1]).content, "abcde");
  EXPECT_EQ(parsed(corpus[1]).used, corpus[1].size() - 4);
  EXPECT_EQ(parsed(corpus[2]).content, "until the end");
  EXPECT_EQ(parsed(corpus[2], 0, false).state, State::body);
  EXPECT_EQ(parsed(corpus[3]).status, 404);
  EXPECT_EQ(parsed(corpus[3]).fields, "Content-Length=2;");
  for (const std::size_t bodyless : {4u, 5u, 6u, 7u}) {
    EXPECT_EQ(parsed(corpus[bodyless], 0, false).state, State::complete) << corpus[bodyless];
    EXPECT_EQ(parsed(corpus[bodyless]).content, "");
  }
  for (std::size_t refused = 10; refused < std::size(corpus); ++refused)
    EXPECT_EQ(parsed(corpus[refused]).state, State::failed) << corpus[refused];
}

TEST(ResponseParser, KeepsConnectionsWhoseEndIsKnown) {
  EXPECT_TRUE(parsed(corpus[0]).keep_alive);
  EXPECT_TRUE(parsed(corpus[1]).keep_alive);
  EXPECT_FALSE(parsed(corpus[2]).keep_alive);
  EXPECT_TRUE(parsed(corpus[4]).keep_alive);
  EXPECT_FALSE(parsed(corpus[8]).keep_alive);
  EXPECT_FALSE(parsed(corpus[9]).keep_alive);
}

bool verbatim(std::string_view bytes) {
  ResponseParser parser;
  parser.feed_head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  BodyPieces pieces;
  EXPECT_EQ(parser.feed_body(bytes, pieces), bytes.size()) << bytes;
  EXPECT_NE(parser.state(), State::failed) << bytes << ": " << parser.error();
  return pieces.verbatim;
}

TEST(ResponseParser, KnowsWhatMayTravelAsItCame) {
  EXPECT_TRUE(verbatim("3\r\nabc\r\n"));
  EXPECT_TRUE(verbatim("3\r\nabc\r\nA\r\n0123456789\r\n"));
  EXPECT_TRUE(verbatim("3\r\nabc\r\n0\r\n\r\n"));
  EXPECT_TRUE(verbatim("0\r\n\r\n"));
  EXPECT_FALSE(verbatim("03\r\nabc\r\n")) << "a leading zero";
  EXPECT_FALSE(verbatim("3;x\r\nabc\r\n")) << "an extension";
  EXPECT_FALSE(verbatim("3\r\nabc\r\n00\r\n\r\n")) << "a long last chunk";
  EXPECT_FALSE(verbatim("3\r\nabc\r\n0\r\nT: u\r\n\r\n")) << "a trailer";
  EXPECT_FALSE(verbatim("3\r\nab")) << "a part of a chunk";
  EXPECT_FALSE(verbatim("3\r\nabc")) << "without its line end";
  EXPECT_FALSE(verbatim("3\r\nabc\r")) << "with half its line end";
  EXPECT_FALSE(verbatim("3\r\nabc\r\n1"));
}

TEST(ResponseParser, TheRestOfAChunkDoesNotTravelAsItCame) {
  ResponseParser parser;
  BodyPieces pieces;
  parser.feed_head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  parser.feed_body("3\r\nab", pieces);
  parser.feed_body("c\r\n1\r\nd\r\n", pieces);
  EXPECT_FALSE(pieces.verbatim);
  EXPECT_EQ(pieces.content.size(), 2u);
  parser.feed_body("1\r\ne\r\n", pieces);
  EXPECT_TRUE(pieces.verbatim);
}

// Passed on as it came, the second read would begin with what its client takes for the last chunk.
TEST(ResponseParser, ASizeLineInTwoReadsIsNotVerbatim) {
  ResponseParser parser;
  BodyPieces pieces;
  parser.feed_head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  parser.feed_body("1", pieces);
  EXPECT_FALSE(pieces.verbatim);
  parser.feed_body("0\r\n0123456789abcdef\r\n01\r\nX\r\n", pieces);
  EXPECT_FALSE(pieces.verbatim);
  EXPECT_EQ(parser.state(), ResponseParser::State::body);
}

TEST(ResponseParser, HasBounds) {
  std::string many;
  for (std::size_t i = 0; i <= informational_heads_max; ++i)
    many += "HTTP/1.1 103 Early Hints\r\n\r\n";
  EXPECT_EQ(parsed(many).state, State::failed);
  EXPECT_EQ(parsed("HTTP/1.1 200 OK\r\nA: " + std::string(head_bytes_max, 'x')).error,
            "the head is too large");
  std::string fields = "HTTP/1.1 200 OK\r\n";
  for (std::size_t i = 0; i <= header_count_max; ++i)
    fields += "A: b\r\n";
  EXPECT_EQ(parsed(fields + "\r\n").state, State::failed);
  std::string framing = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20000; ++i)
    framing += "1;xxxxxxxxxxxxxxxx\r\nx\r\n";
  EXPECT_EQ(parsed(framing).error, "more framing than content");
}

}  // namespace
}  // namespace punctual::http
