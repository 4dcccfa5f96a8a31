#include "http/head_buffer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/bounds.hpp"

namespace punctual::http {
namespace {

using State = HeadBuffer::State;

TEST(HeadBuffer, TakesTheHeadAndLeavesTheRest) {
  HeadBuffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.feed("GET / HTTP/1.1\r\nA: b\r\n\r\nbody"), 24u);
  EXPECT_EQ(buffer.state(), State::complete);
  EXPECT_EQ(buffer.bytes(), "GET / HTTP/1.1\r\nA: b\r\n\r\n");
  EXPECT_EQ(buffer.feed("more"), 0u);
  buffer.clear();
  EXPECT_EQ(buffer.state(), State::incomplete);
  EXPECT_TRUE(buffer.empty());
}

struct Outcome {
  State state;
  std::string bytes;
  std::string violation;
  std::size_t used;
  bool operator==(const Outcome&) const = default;
};

Outcome fed(const std::vector<std::string_view>& parts) {
  HeadBuffer buffer;
  std::size_t used = 0;
  for (const auto part : parts) {
    if (buffer.state() == State::incomplete) used += buffer.feed(part);
  }
  return {buffer.state(), std::string(buffer.bytes()), std::string(buffer.violation()), used};
}

TEST(HeadBuffer, EverySplitGivesTheSame) {
  for (const std::string_view text :
       {"GET / HTTP/1.1\r\nA: b\r\n\r\nxyz", "\r\n\r\nGET / HTTP/1.1\r\n\r\n", "\rX\r\n\r\n", "\r\n\rX",
        "A\nB\r\n\r\n", "A\r\nB: c\n\r\n\r\n", "A\r\n b: c\r\n\r\n", "A\r\nb : c\r\n\r\n", "A\r\nb\r\n\r\n",
        "A\r\n: c\r\n\r\n", "A\r\nb: c\rd\r\n\r\n", "\n", "\r\n\n"}) {
    const Outcome whole = fed({text});
    for (std::size_t first = 0; first <= text.size(); ++first) {
      for (std::size_t second = first; second <= text.size(); ++second) {
        const Outcome split =
            fed({text.substr(0, first), text.substr(first, second - first), text.substr(second)});
        EXPECT_EQ(split.state, whole.state) << text << " at " << first << ", " << second;
        EXPECT_EQ(split.violation, whole.violation) << text;
        if (whole.state == State::complete) EXPECT_EQ(split, whole) << text;
      }
    }
  }
}

TEST(HeadBuffer, SaysWhatIsMalformed) {
  using namespace std::literals;
  EXPECT_EQ(fed({"A\nB: c"}).violation, "a line ends with a bare LF");
  EXPECT_EQ(fed({"A\r\nB: c\rd\r\n"}).violation, "a line contains a bare CR");
  EXPECT_EQ(fed({"A\r\nB: c\0d\r\n"sv}).violation, "a line contains NUL");
  EXPECT_EQ(fed({"A\r\n B: c\r\n"}).violation, "a header field is folded");
  EXPECT_EQ(fed({"A\r\nB\r\n"}).violation, "a header field has no colon");
  EXPECT_EQ(fed({"A\r\n: c\r\n"}).violation, "a header field has no name");
  EXPECT_EQ(fed({"A\r\nB\t: c\r\n"}).violation, "a space stands before the colon of a header field");
}

TEST(HeadBuffer, HasABound) {
  const std::string line = "A: " + std::string(1000, 'x') + "\r\n";
  std::string text = "GET / HTTP/1.1\r\n";
  while (text.size() + line.size() + 2 <= head_bytes_max)
    text += line;
  text += "B: " + std::string(head_bytes_max - text.size() - 7, 'y') + "\r\n";
  EXPECT_EQ(fed({text, "\r\n"}).state, State::complete) << text.size();
  text.insert(text.size() - 2, "y");
  EXPECT_EQ(fed({text, "\r\n"}).state, State::too_large);
  EXPECT_EQ(fed({text + "\r\n"}).state, State::too_large);
  EXPECT_EQ(fed({std::string(head_bytes_max + 1, 'x')}).state, State::too_large);
  EXPECT_EQ(fed({"A\nB", std::string(head_bytes_max + 1, 'x')}).state, State::malformed);
  EXPECT_EQ(fed({"A\nB" + std::string(head_bytes_max + 1, 'x')}).state, State::malformed);
}

}  // namespace
}  // namespace punctual::http
