#include "base/spare_text.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace punctual::base {
namespace {

#ifdef __has_feature
constexpr bool keeps_none = __has_feature(address_sanitizer);
#else
constexpr bool keeps_none = false;
#endif

TEST(SpareText, WhatIsGivenIsTakenEmptyWithItsRoom) {
  std::string text(1000, 'x');
  const char* const memory = text.data();
  SpareText::give(text);
  EXPECT_TRUE(text.empty());
  EXPECT_NE(text.data(), memory);
  const std::string taken = SpareText::take();
  EXPECT_TRUE(taken.empty());
  if (!keeps_none) {
    EXPECT_EQ(taken.data(), memory);
    EXPECT_GE(taken.capacity(), 1000U);
  }
}

TEST(SpareText, WhatIsLargeIsFreed) {
  std::string text(SpareText::bytes_max + 1, 'x');
  const char* const memory = text.data();
  SpareText::give(text);
  EXPECT_NE(SpareText::take().data(), memory);
  EXPECT_LT(text.capacity(), 100U);
}

TEST(SpareText, FewAreKept) {
  while (SpareText::take().capacity() > 100) {
  }
  for (std::size_t i = 0; i < 3 * SpareText::kept_max; ++i) {
    std::string text(100 + i, 'x');
    SpareText::give(text);
    EXPECT_TRUE(text.empty());
  }
  std::size_t kept = 0;
  while (SpareText::take().capacity() >= 100)
    ++kept;
  EXPECT_EQ(kept, keeps_none ? 0 : SpareText::kept_max);
}

}  // namespace
}  // namespace punctual::base
