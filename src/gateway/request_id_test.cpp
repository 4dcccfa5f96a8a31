#include "gateway/request_id.hpp"

#include <gtest/gtest.h>

#include <set>

namespace punctual::gateway {
namespace {

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
    const auto id = ids.next();
    EXPECT_EQ(id.size(), 30U);
    EXPECT_TRUE(id.starts_with("req_"));
    EXPECT_TRUE(is_sane_request_id(id));
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(RequestIds, ComeFromTheSeedAlone) {
  EXPECT_EQ(RequestIds(7).next(), RequestIds(7).next());
  EXPECT_NE(RequestIds(7).next(), RequestIds(8).next());
  std::string written = "what was there before";
  RequestIds(7).write_next(written);
  EXPECT_EQ(written, RequestIds(7).next());
}

}  // namespace
}  // namespace punctual::gateway
