#include "probe/book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace punctual::probe {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class BookTest : public testing::Test {
 protected:
  std::expected<Book::Place, Book::Refusal> begin(std::string_view owner, const std::string& run = "run",
                                                  StallKind kind = StallKind::silent_answer) {
    return book.begin({run, kind, seconds(100)}, owner);
  }
  deadline::ManualClock clock;
  Book book{clock};
};

TEST_F(BookTest, SeesHowTheyEnd) {
  auto whole = begin("key:a", "run", StallKind::silent_answer);
  auto dropped = std::make_unique<Book::Place>(std::move(*begin("key:a", "run", StallKind::silent_stream)));
  auto open = begin("key:a", "run", StallKind::trickle);
  ASSERT_TRUE(whole && open);
  clock.advance(seconds(60));
  dropped.reset();
  clock.advance(seconds(40));
  whole->end(StallState::whole);
  whole->end(StallState::hung_up);
  clock.advance(seconds(5));
  const auto seen = book.of_run("run", "key:a");
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].state, StallState::whole);
  EXPECT_EQ(seen[0].lasted, seconds(100));
  EXPECT_EQ(seen[1].state, StallState::hung_up) << "nobody said how it ended";
  EXPECT_EQ(seen[1].lasted, seconds(60));
  EXPECT_EQ(seen[2].state, StallState::open);
  EXPECT_EQ(seen[2].lasted, seconds(105));
  EXPECT_TRUE(book.of_run("run", "key:b").empty()) << "another's";
  EXPECT_TRUE(book.of_run("other", "key:a").empty());
}

TEST_F(BookTest, IsBoundedForEachOwner) {
  std::vector<Book::Place> places;
  places.reserve(Book::open_max);
  for (std::size_t i = 0; i < Book::open_of_owner_max; ++i)
    places.push_back(*begin("key:a"));
  const auto more = begin("key:a");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error(), Book::Refusal::owner_has_enough);
  EXPECT_TRUE(begin("key:b"));
  places.pop_back();
  EXPECT_TRUE(begin("key:a"));
}

TEST_F(BookTest, IsBoundedForAll) {
  std::vector<Book::Place> places;
  places.reserve(Book::open_max);
  for (std::size_t i = 0; i < Book::open_max; ++i)
    places.push_back(*begin("key:" + std::to_string(i)));
  const auto more = begin("key:new");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error(), Book::Refusal::all_taken);
}

TEST_F(BookTest, ForgetsWhatEndedLongAgo) {
  {
    const auto place = begin("key:a");
  }
  auto open = begin("key:a");
  clock.advance(Book::remembered_for + minutes(1));
  const auto later = begin("key:a");
  EXPECT_EQ(book.of_run("run", "key:a").size(), 2u) << "the one that is open, and the new one";
}

TEST_F(BookTest, RemembersSoManyAtMost) {
  const auto open = begin("key:first", "open");
  for (std::size_t i = 0; i < Book::remembered_max + 10; ++i)
    const auto place = begin("key:a");
  EXPECT_EQ(book.of_run("run", "key:a").size(), Book::remembered_max - 1);
  EXPECT_EQ(book.of_run("open", "key:first").size(), 1u) << "one that is open stays";
}

}  // namespace
}  // namespace punctual::probe
