#include "http/sse.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace punctual::http {
namespace {

// As a relay scans: what has no end stays, and is not looked at again.
std::vector<std::string> scanned(const std::vector<std::string_view>& parts, std::string& rest) {
  std::vector<std::string> events;
  for (const auto part : parts) {
    const std::size_t before = rest.size();
    rest += part;
    SseEvents scanner(rest, before);
    std::string_view event;
    while (scanner.next(event))
      events.emplace_back(event);
    EXPECT_EQ(scanner.rest().size() + scanner.consumed(), rest.size());
    rest.erase(0, scanner.consumed());
  }
  return events;
}

TEST(SseEvents, FindsTheEndsOfEvents) {
  std::string rest;
  const auto events =
      scanned({"data: a\n\n: ping\n\nevent: x\r\ndata: b\r\n\r\n\n\r\ndata: c\n\r\ndata: d\r\n"}, rest);
  EXPECT_EQ(events, (std::vector<std::string>{"data: a\n\n", ": ping\n\n", "event: x\r\ndata: b\r\n\r\n",
                                              "\n", "\r\n", "data: c\n\r\n"}));
  EXPECT_EQ(rest, "data: d\r\n");
}

TEST(SseEvents, EverySplitGivesTheSameEvents) {
  for (const std::string_view text :
       {"data: a\n\ndata: b\n\n", "data: a\r\n\r\n\r\ndata: b\r\n\r\n", "\n\n\r\n\n",
        "data: a\rb\n\r\n\r\r\n", ": c\n\nevent: e\ndata: 1\ndata: 2\n\ndata", "\r\n\r", "\r\r\n\n"}) {
    std::string whole_rest;
    const auto whole = scanned({text}, whole_rest);
    for (std::size_t first = 0; first <= text.size(); ++first) {
      for (std::size_t second = first; second <= text.size(); ++second) {
        std::string rest;
        const auto events =
            scanned({text.substr(0, first), text.substr(first, second - first), text.substr(second)}, rest);
        EXPECT_EQ(events, whole) << text << " at " << first << ", " << second;
        EXPECT_EQ(rest, whole_rest);
      }
    }
  }
}

TEST(SseFields, TakesAnEventApart) {
  std::string joined;
  const auto data_of = [&](std::string_view event) { return std::string(sse_fields(event, joined).data); };
  EXPECT_EQ(data_of("data: a\n\n"), "a");
  EXPECT_EQ(data_of("data:a\n\n"), "a");
  EXPECT_EQ(data_of("data:  a \r\n\r\n"), " a ");
  EXPECT_EQ(data_of("data: a\ndata:b\r\ndata\n\n"), "a\nb\n");
  EXPECT_EQ(data_of("id: 1\ndata: a\nretry: 3\n\n"), "a");
  EXPECT_EQ(data_of(":data: a\n\n"), "");
  EXPECT_EQ(data_of("dataa: a\n data: b\n\n"), "");
  EXPECT_TRUE(sse_fields("data\n\n", joined).has_data);
  EXPECT_FALSE(sse_fields(": ping\n\n", joined).has_data);
  EXPECT_EQ(sse_fields("event: error\ndata: {}\n\n", joined).event, "error");
  EXPECT_EQ(sse_fields("event: a\nevent: b\n\n", joined).event, "b");
}

TEST(AppendSseEvent, WritesWhatTheScannerReads) {
  std::string out;
  append_sse_event(out, "error", "{}");
  append_sse_event(out, "", "x");
  EXPECT_EQ(out, "event: error\ndata: {}\n\ndata: x\n\n");
  std::string rest;
  EXPECT_EQ(scanned({sse_heartbeat}, rest).size(), 1u);
}

}  // namespace
}  // namespace punctual::http
