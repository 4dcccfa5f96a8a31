#include "gateway/request_id.hpp"

#include <gtest/gtest.h>

#include <set>

namespace punctual::gateway {
namespace {

const deadline::WallTime at{std::chrono::hours(490'000)};

TEST(RequestIds, OfClientsAreTakenWhenTheyAreSane) {
  EXPECT_TRUE(is_sane_request_id("0af76519-16cd_43dd.84:Z"));
  EXPECT_TRUE(is_sane_request_id(std::string(128, 'a')));
  for (const auto id : {"", "a b", "a\tb", "a\"b", "a<b>", "a/b", "a%0d", "\xc3\xa9", "a,b", "a;b"})
    EXPECT_FALSE(is_sane_request_id(id)) << id;
  EXPECT_FALSE(is_sane_request_id(std::string(129, 'a')));
  EXPECT_FALSE(is_sane_request_id(std::string_view("a\0b", 3)));
}

TEST(RequestIds, OfOursAreSaneAndDiffer) {
  RequestIds ids(7);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto id = ids.next(at);
    EXPECT_EQ(id.size(), 30U);
    EXPECT_TRUE(id.starts_with("req_"));
    EXPECT_TRUE(is_sane_request_id(id));
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(RequestIds, OfLaterRequestsSortBehind) {
  RequestIds ids(7);
  const std::string first = ids.next(at);
  for (const auto later :
       {std::chrono::milliseconds(1), std::chrono::milliseconds(40), std::chrono::milliseconds(70000)})
    EXPECT_LT(first, ids.next(at + later));
}

TEST(RequestIds, ComeFromTheSeedAndTheTimeAlone) {
  EXPECT_EQ(RequestIds(7).next(at), RequestIds(7).next(at));
  EXPECT_NE(RequestIds(7).next(at), RequestIds(8).next(at));
  std::string written = "what was there before";
  RequestIds(7).write_next(written, at);
  EXPECT_EQ(written, RequestIds(7).next(at));
}

}  // namespace
}  // namespace punctual::gateway
