#include "http/head_writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <charconv>

#include "http/head.hpp"

namespace punctual::http {
namespace {

TEST(HeadWriter, WritesHeads) {
  std::string out = "before ";
  HeadWriter(out).request("GET", "/x?y").field("Host", "a").field("Content-Length", std::uint64_t{0}).end();
  EXPECT_EQ(out, "before GET /x?y HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  out.clear();
  HeadWriter(out).status(504).field("A", UINT64_MAX).end();
  EXPECT_EQ(out, "HTTP/1.1 504 Gateway Timeout\r\nA: 18446744073709551615\r\n\r\n");
  EXPECT_EQ(reason_phrase(299), "Unknown");
}

RC_GTEST_PROP(ChunkSize, IsTheNumberInHexadecimal, (std::uint64_t bytes)) {
  const ChunkSize size(bytes);
  const auto text = size.text();
  RC_ASSERT(text.ends_with("\r\n"));
  std::uint64_t read = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size() - 2, read, 16).ptr;
  RC_ASSERT(read == bytes && end == text.data() + text.size() - 2);
}

TEST(ChunkSize, TakesTheExtremes) {
  EXPECT_EQ(ChunkSize(0).text(), "0\r\n");
  EXPECT_EQ(ChunkSize(500).text(), "1f4\r\n");
  EXPECT_EQ(ChunkSize(UINT64_MAX).text(), "ffffffffffffffff\r\n");
}

TEST(Headers, FindWithoutCase) {
  Headers headers;
  headers.add("Connection", "close, X-A");
  headers.add("connection", " x-b ,");
  headers.add("X-A", "1");
  EXPECT_EQ(headers.value("x-a"), "1");
  EXPECT_EQ(headers.value("none"), "");
  EXPECT_EQ(headers.find("none"), nullptr);
  EXPECT_EQ(headers.count("CONNECTION"), 2u);
  EXPECT_TRUE(is_hop_by_hop("Keep-Alive"));
  EXPECT_FALSE(is_hop_by_hop("X-A"));
  EXPECT_TRUE(named_by_connection(headers, "x-A"));
  EXPECT_TRUE(named_by_connection(headers, "X-B"));
  EXPECT_FALSE(named_by_connection(headers, "X-C"));
}

}  // namespace
}  // namespace punctual::http
