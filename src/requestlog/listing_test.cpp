#include "requestlog/listing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "requestlog/requestlog_testing.hpp"
#include "requestlog/tail.hpp"

namespace punctual::requestlog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Listings : public RequestLogTest {
 protected:
  std::vector<std::string> ids_of(const std::vector<Entry>& entries) const {
    std::vector<std::string> ids;
    for (const auto& entry : entries)
      ids.push_back(entry.request_id);
    return ids;
  }
  std::vector<std::string> listed(const Filter& filter) const {
    const auto page = list(*reader, {.filter = filter});
    EXPECT_TRUE(page) << page.error().message;
    return page ? ids_of(page->entries) : std::vector<std::string>();
  }
};

INSTANTIATE_TEST_SUITE_P(, Listings, storage::both_dialects, storage::dialect_name);

TEST_P(Listings, AreNewestFirst) {
  keep_all({{.at = 2, .id = "b"}, {.at = 3, .id = "c"}, {.at = 1, .id = "a"}});
  EXPECT_THAT(listed({}), ElementsAre("c", "b", "a"));
}

TEST_P(Listings, AreEmptyWithoutRequests) {
  const auto page = list(*reader, {});
  ASSERT_TRUE(page);
  EXPECT_THAT(page->entries, IsEmpty());
  EXPECT_FALSE(page->older || page->newer);
}

TEST_P(Listings, AreFiltered) {
  keep_all({{.at = 1, .id = "a", .model = "GPT-4_o", .provider = "x", .status = 200, .seconds = 1},
            {.at = 2,
             .id = "b",
             .model = "gpt-4!o",
             .outcome = "timeout",
             .status = 504,
             .seconds = 60,
             .limit = deadline::Phase::total},
            {.at = 3, .id = "c", .endpoint = "embeddings", .outcome = "error", .status = 502}});
  EXPECT_THAT(listed({.models = {"GPT-4_o", "model"}}), ElementsAre("c", "a"));
  EXPECT_THAT(listed({.endpoints = {"chat"}}), ElementsAre("b", "a"));
  EXPECT_THAT(listed({.providers = {"x"}}), ElementsAre("a"));
  EXPECT_THAT(listed({.statuses = {{500, 599}}}), ElementsAre("c", "b"));
  EXPECT_THAT(listed({.statuses = {{200, 200}, {504, 504}}}), ElementsAre("b", "a"));
  EXPECT_THAT(listed({.outcomes = {"error"}}), ElementsAre("c"));
  EXPECT_THAT(listed({.limits = {"total"}}), ElementsAre("b"));
  EXPECT_THAT(listed({.limits = {""}}), ElementsAre("c", "a"));
  EXPECT_THAT(listed({.keys = {"k"}}), IsEmpty());
  EXPECT_THAT(listed({.searches = {"c"}}), ElementsAre("c"));
  EXPECT_THAT(listed({.searches = {"gpt-4_"}}), ElementsAre("a"));
  EXPECT_THAT(listed({.searches = {"GPT-4!"}}), ElementsAre("b"));
  EXPECT_THAT(listed({.searches = {"gpt", "c"}}), ElementsAre("c", "b", "a"));
  EXPECT_THAT(listed({.searches = {"%"}}), IsEmpty());
  EXPECT_THAT(listed({.from = microseconds_at(2)}), ElementsAre("c", "b"));
  EXPECT_THAT(listed({.to = microseconds_at(2)}), ElementsAre("a"));
  EXPECT_THAT(listed({.slower_than_us = 1'000'000}), ElementsAre("b"));
  EXPECT_EQ(count_up_to(*reader, {.endpoints = {"chat"}}, 100), 2);
  EXPECT_EQ(count_up_to(*reader, {}, 2), 2);
}

TEST_P(Listings, GoOnInBothDirections) {
  std::vector<Sample> samples;
  for (int i = 0; i < 7; ++i)
    samples.push_back({.at = i / 2 + 0.0, .id = std::to_string(i)});
  keep_all(samples);
  auto page = list(*reader, {.entries_max = 3});
  ASSERT_TRUE(page && page->older && page->newer);
  EXPECT_THAT(ids_of(page->entries), ElementsAre("6", "5", "4"));
  const auto newest = *page->newer;
  page = list(*reader, {.older_than = page->older, .entries_max = 3});
  ASSERT_TRUE(page && page->older && page->newer);
  EXPECT_THAT(ids_of(page->entries), ElementsAre("3", "2", "1"));
  const auto middle = *page->newer;
  page = list(*reader, {.older_than = page->older, .entries_max = 3});
  ASSERT_TRUE(page);
  EXPECT_THAT(ids_of(page->entries), ElementsAre("0"));
  EXPECT_FALSE(page->older);
  page = list(*reader, {.newer_than = middle, .entries_max = 2});
  ASSERT_TRUE(page);
  EXPECT_THAT(ids_of(page->entries), ElementsAre("5", "4"));
  EXPECT_TRUE(page->more_newer);
  page = list(*reader, {.newer_than = newest});
  ASSERT_TRUE(page);
  EXPECT_THAT(page->entries, IsEmpty());
  EXPECT_EQ(page->newer, newest);
}

// Requests arrive between the pages, also ones that began long before: nothing is listed twice, and nothing
// is missed that was there at the start.
TEST_P(Listings, DoNotShiftWhenRequestsArrive) {
  for (const unsigned int seed : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U}) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto below = [&](unsigned int end) { return static_cast<unsigned int>(random() % end); };
    std::set<std::int64_t> there;
    const auto latest = latest_id(*reader);
    ASSERT_TRUE(latest);
    for (unsigned int i = below(60) + 1; i > 0; --i)
      keep(line_of({.at = below(20) + 0.0}));
    commit();
    const auto ids = reader->execute("SELECT id FROM requests WHERE id > $1", {*latest});
    ASSERT_TRUE(ids);
    for (const auto row : *ids)
      there.insert(row.integer(0));
    std::set<std::int64_t> seen;
    PageRequest request{.entries_max = below(9) + 1};
    for (int pages = 0, more = 1; more != 0; ++pages) {
      const auto page = list(*reader, request);
      ASSERT_TRUE(page) << page.error().message;
      for (const auto& entry : page->entries)
        ASSERT_TRUE(seen.insert(entry.id).second) << "twice: " << entry.id;
      // Not for ever: of what arrives, some is older than the cursor.
      for (unsigned int i = pages < 20 ? below(4) : 0; i > 0; --i)
        keep(line_of({.at = below(25) + 0.0}));
      commit();
      request.older_than = page->older;
      more = page->older ? 1 : 0;
    }
    for (const auto id : there)
      ASSERT_TRUE(seen.contains(id)) << "missed: " << id;
  }
}

TEST_P(Listings, FindOneRequest) {
  keep_all({{.at = 1, .id = "a"}, {.at = 2, .id = "a", .model = "second"}});
  auto detail = find_by_request_id(*reader, "a");
  ASSERT_TRUE(detail && *detail);
  EXPECT_EQ((*detail)->entry.model, "second");
  EXPECT_TRUE((*detail)->document.contains("\"attempts\":[{\"provider\""));
  const auto id = (*detail)->entry.id;
  detail = find_by_id(*reader, id);
  ASSERT_TRUE(detail && *detail);
  EXPECT_EQ((*detail)->entry.id, id);
  detail = find_by_request_id(*reader, "b");
  ASSERT_TRUE(detail);
  EXPECT_FALSE(*detail);
}

TEST_P(Listings, TailWhatIsNew) {
  keep_all({{.at = 9, .id = "a"}, {.at = 1, .id = "b", .outcome = "error"}, {.at = 5, .id = "c"}});
  auto tail = read_tail(*reader, {}, 0, 2);
  ASSERT_TRUE(tail);
  EXPECT_THAT(ids_of(tail->entries), ElementsAre("a", "b"));
  EXPECT_TRUE(tail->more);
  tail = read_tail(*reader, {}, tail->seen, 2);
  ASSERT_TRUE(tail);
  EXPECT_THAT(ids_of(tail->entries), ElementsAre("c"));
  EXPECT_FALSE(tail->more);
  EXPECT_EQ(tail->seen, latest_id(*reader));
  // What the filter leaves out is not looked at again.
  tail = read_tail(*reader, {.outcomes = {"timeout"}}, 0, 2);
  ASSERT_TRUE(tail);
  EXPECT_THAT(tail->entries, IsEmpty());
  EXPECT_EQ(tail->seen, latest_id(*reader));
}

}  // namespace
}  // namespace punctual::requestlog
