#include "gateway/retry_after.hpp"

#include <gtest/gtest.h>

namespace punctual::gateway {
namespace {

using namespace std::chrono_literals;

std::optional<deadline::Duration> read(std::string_view name, std::string_view value) {
  http::Headers headers;
  headers.add(name, value);
  // Sun, 06 Nov 1994 08:49:37 GMT, as RFC 9110 writes it.
  return retry_after(headers, deadline::WallTime(std::chrono::seconds(784'111'777)));
}

TEST(RetryAfter, ReadsSecondsDatesAndMilliseconds) {
  EXPECT_EQ(read("Retry-After", "7"), 7s);
  EXPECT_EQ(read("Retry-After", "0.25"), 250ms);
  EXPECT_EQ(read("Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT"), 10s);
  EXPECT_EQ(read("Retry-After", "Sun, 06 Nov 1994 08:00:00 GMT"), 0s) << "it is over";
  EXPECT_EQ(read("retry-after-ms", "1500"), 1500ms);
  EXPECT_EQ(read("Retry-After", "100000"), 1h);
  EXPECT_EQ(read("Retry-After", "-3"), 0s);
}

TEST(RetryAfter, TakesWhatItCannotReadForNothing) {
  for (const auto* value : {"", "soon", "7 seconds", "Sun, 06 Nov 1994", "nan"})
    EXPECT_EQ(read("Retry-After", value), std::nullopt) << value;
  EXPECT_EQ(retry_after({}, {}), std::nullopt);
}

TEST(RetryAfter, PrefersMilliseconds) {
  http::Headers headers;
  headers.add("Retry-After", "2");
  headers.add("Retry-After-Ms", "1200");
  EXPECT_EQ(retry_after(headers, {}), 1200ms);
}

}  // namespace
}  // namespace punctual::gateway
