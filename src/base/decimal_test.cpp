#include "base/decimal.hpp"

#include <gtest/gtest.h>

namespace punctual::base {
namespace {

using std::chrono::nanoseconds;

template <class Value>
std::string text(void (*append)(std::string&, Value), std::type_identity_t<Value> value) {
  std::string out = "x";
  append(out, value);
  return out.substr(1);
}

TEST(Decimal, Unsigned) {
  EXPECT_EQ(text(append_unsigned, 0), "0");
  EXPECT_EQ(text(append_unsigned, UINT64_MAX), "18446744073709551615");
}

TEST(Decimal, MillisecondsHaveThreeDecimals) {
  EXPECT_EQ(text(append_milliseconds, nanoseconds(0)), "0.000");
  EXPECT_EQ(text(append_milliseconds, nanoseconds(4'999)), "0.004");
  EXPECT_EQ(text(append_milliseconds, nanoseconds(1'250'000)), "1.250");
  EXPECT_EQ(text(append_milliseconds, nanoseconds(900'000'000'000)), "900000.000");
  EXPECT_EQ(text(append_milliseconds, nanoseconds(-5)), "0.000");
}

TEST(Decimal, SecondsHaveTheDecimalsThatTheyNeed) {
  EXPECT_EQ(text(append_seconds, std::chrono::seconds(900)), "900");
  EXPECT_EQ(text(append_seconds, std::chrono::milliseconds(500)), "0.5");
  EXPECT_EQ(text(append_seconds, std::chrono::milliseconds(29'400)), "29.4");
  EXPECT_EQ(text(append_seconds, std::chrono::milliseconds(1'005)), "1.005");
  EXPECT_EQ(text(append_seconds, nanoseconds(999)), "0");
  EXPECT_EQ(text(append_seconds, nanoseconds(27'843'760'000)), "27.844");
}

}  // namespace
}  // namespace punctual::base
