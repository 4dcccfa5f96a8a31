#include "relay/event_splitter.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace punctual::relay {
namespace {

using Pieces = std::vector<std::string_view>;

// Feeds one splitter, as a relay does: `whole` and `copy` are used again for each read.
struct Splitting {
  bool feed(const Pieces& pieces) {
    whole.clear();
    copy.clear();
    const bool untouched = splitter.split(
        pieces, whole, copy, [this](std::string_view event) { events.push_back(std::string(event)); });
    given.clear();
    for (const auto piece : whole)
      given.append(piece);
    bytes.append(given);
    return untouched;
  }

  EventSplitter splitter;
  Pieces whole;
  std::string copy;
  std::string given;  // by the last feed
  std::string bytes;  // by all
  std::vector<std::string> events;
};

TEST(EventSplitter, LeavesWholeEventsWhereTheyLie) {
  Splitting splitting;
  const std::string text = "data: a\n\ndata: b\n\n";
  EXPECT_TRUE(splitting.feed({text}));
  ASSERT_EQ(splitting.whole.size(), 1U);
  EXPECT_EQ(splitting.whole[0].data(), text.data());
  EXPECT_EQ(splitting.events, (std::vector<std::string>{"data: a\n\n", "data: b\n\n"}));
  EXPECT_TRUE(splitting.copy.empty());
}

TEST(EventSplitter, KeepsTheUnfinishedEvent) {
  Splitting splitting;
  EXPECT_FALSE(splitting.feed({"data: a\n\ndata: b\n"}));
  EXPECT_EQ(splitting.given, "data: a\n\n");
  EXPECT_EQ(splitting.splitter.unfinished(), "data: b\n");
  EXPECT_FALSE(splitting.feed({"\n"}));
  EXPECT_EQ(splitting.given, "data: b\n\n");
  EXPECT_TRUE(splitting.splitter.unfinished().empty());
  EXPECT_TRUE(splitting.feed({"data: c\n\n"}));
}

TEST(EventSplitter, NothingInNothingOut) {
  Splitting splitting;
  EXPECT_TRUE(splitting.feed({}));
  EXPECT_TRUE(splitting.whole.empty());
  splitting.feed({"data"});
  EXPECT_FALSE(splitting.feed({}));
}

TEST(EventSplitter, AnEventOfManyPiecesIsVisitedOnce) {
  Splitting splitting;
  splitting.feed({"da", "ta:", " a", "\n", "\n", "data: b\n\nda", "ta: c\r\n\r", "\n"});
  EXPECT_EQ(splitting.events, (std::vector<std::string>{"data: a\n\n", "data: b\n\n", "data: c\r\n\r\n"}));
  EXPECT_EQ(splitting.bytes, "data: a\n\ndata: b\n\ndata: c\r\n\r\n");
}

rc::Gen<std::string> streams() {
  const auto event = rc::gen::element<std::string>(
      "data: {\"a\":1}\n\n", ": comment\n\n", "event: x\ndata: y\n\n", "data: crlf\r\n\r\n", "\n", "\r\n",
      "data: a\ndata: b\n\n", "data: [DONE]\n\n", "data: un\rtouched\n\n");
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(event),
                      [](const std::vector<std::string>& events) {
                        std::string text;
                        for (const auto& each : events)
                          text += each;
                        return text;
                      });
}

// However the bytes arrive, in reads and in pieces of a read: the same events, the same bytes, in order.
RC_GTEST_PROP(EventSplitter, AnySplitGivesTheSame, ()) {
  const auto text = *streams() + *rc::gen::element<std::string>("", "data: cut", "data: cut\n", ":");
  Splitting together;
  together.feed({text});

  Splitting apart;
  std::string_view left = text;
  while (!left.empty()) {
    Pieces pieces;
    const auto count = *rc::gen::inRange(1, 4);
    for (int i = 0; i < count && !left.empty(); ++i) {
      const auto size = *rc::gen::inRange<std::size_t>(1, std::min<std::size_t>(left.size(), 12) + 1);
      pieces.push_back(left.substr(0, size));
      left.remove_prefix(size);
    }
    std::size_t fed = apart.splitter.unfinished().size();
    for (const auto piece : pieces)
      fed += piece.size();
    const bool untouched = apart.feed(pieces);
    RC_ASSERT(apart.given.size() + apart.splitter.unfinished().size() == fed);
    if (untouched) {
      RC_ASSERT(apart.copy.empty());
      RC_ASSERT(apart.splitter.unfinished().empty());
    }
  }
  RC_ASSERT(apart.events == together.events);
  RC_ASSERT(apart.bytes == together.bytes);
  RC_ASSERT(apart.splitter.unfinished() == together.splitter.unfinished());
}

}  // namespace
}  // namespace punctual::relay
