#include "api/request_limits.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace punctual::api {
namespace {

using namespace std::chrono_literals;

std::expected<RequestLimits, http::Problem> read(std::initializer_list<http::Header> fields) {
  http::Headers headers;
  for (const auto& field : fields)
    headers.add(field.name, field.value);
  return read_request_limits(headers);
}

struct Known {
  std::string_view name;
  deadline::Duration unit;
  std::optional<NamedDuration> RequestLimits::* kind;
};

constexpr Known all_known[] = {
    {"X-Request-Timeout", 1s, &RequestLimits::limit},
    {"x-litellm-timeout", 1s, &RequestLimits::limit},
    {"x-portkey-request-timeout", 1ms, &RequestLimits::limit},
    {"cf-aig-request-timeout", 1ms, &RequestLimits::limit},
    {"x-envoy-upstream-rq-timeout-ms", 1ms, &RequestLimits::limit},
    {"x-stainless-timeout", 1s, &RequestLimits::patience},
    {"x-envoy-expected-rq-timeout-ms", 1ms, &RequestLimits::patience},
    {"x-stainless-read-timeout", 1s, &RequestLimits::read_patience},
};

TEST(RequestLimits, EveryHeaderHasItsUnitAndMeaning) {
  for (const auto& [name, unit, kind] : all_known) {
    for (const auto& [text, units] : std::initializer_list<std::pair<std::string_view, double>>{
             {"2", 2}, {"0.5", 0.5}, {"1e3", 1000}, {"+3", 3}, {"900.0", 900}, {"007", 7}}) {
      const auto limits = read({{"Accept", "x"}, {name, text}});
      ASSERT_TRUE(limits) << name << " " << text;
      ASSERT_TRUE((*limits).*kind) << name;
      EXPECT_EQ(((*limits).*kind)->duration, deadline::from_seconds(units * deadline::seconds(unit)))
          << name << text;
      EXPECT_EQ(((*limits).*kind)->name, name);
      EXPECT_EQ(limits->limit.has_value() + limits->patience.has_value() + limits->read_patience.has_value(),
                1);
    }
    EXPECT_TRUE(is_limit_header(name));
  }
  EXPECT_TRUE(read({{"X-REQUEST-TIMEOUT", "2"}})->limit);
  EXPECT_FALSE(is_limit_header("x-request-id"));
  EXPECT_FALSE(is_limit_header("Prefer"));
  EXPECT_FALSE(read({{"x-stainless-retry-count", "0"}, {"content-length", "0"}})->limit);
}

TEST(RequestLimits, WhatIsNotAPositiveNumberIsRefused) {
  for (const auto& known : all_known) {
    for (const std::string_view text :
         {"",       "0",  "-0",  "0.0", "-1",   "nan",  "NaN",   "inf", "-inf", "infinity", "1e999",
          "1e-999", "5s", "5 s", "1,5", "0x10", "five", "1_000", "--1", "+-1",  "1e",       "."}) {
      const auto limits = read({{known.name, text}});
      ASSERT_FALSE(limits) << known.name << ": " << text;
      EXPECT_EQ(limits.error().status, 400);
      EXPECT_EQ(limits.error().param, known.name);
      EXPECT_NE(limits.error().message.find(known.name), std::string::npos);
    }
  }
  const auto limits = read({{"cf-aig-request-timeout", "soon"}});
  EXPECT_EQ(limits.error().message,
            "cf-aig-request-timeout is \"soon\"; it must be a positive number of milliseconds.");
}

TEST(RequestLimits, ExtremesAreStillDurations) {
  EXPECT_GT(read({{"x-request-timeout", "1e-300"}})->limit->duration, 0ns);
  EXPECT_GT(read({{"x-request-timeout", "1e300"}})->limit->duration, 24h * 365);
}

TEST(RequestLimits, TheShortestOfEachKindCounts) {
  const auto limits = read({{"X-Request-Timeout", "5"},
                            {"cf-aig-request-timeout", "4000"},
                            {"x-litellm-timeout", "6"},
                            {"x-stainless-timeout", "3"},
                            {"Prefer", "wait=2"},
                            {"x-stainless-read-timeout", "600"}});
  ASSERT_TRUE(limits);
  EXPECT_EQ(limits->limit->duration, 4s);
  EXPECT_EQ(limits->limit->name, "cf-aig-request-timeout");
  EXPECT_EQ(limits->patience->duration, 2s);
  EXPECT_EQ(limits->patience->name, "Prefer: wait");
  EXPECT_EQ(limits->read_patience->duration, 600s);
  EXPECT_EQ(read({{"X-Request-Timeout", "5"}, {"X-Request-Timeout", "4"}})->limit->duration, 4s);
  EXPECT_FALSE(read({{"X-Request-Timeout", "5"}, {"X-Request-Timeout", "x"}}));
}

TEST(RequestLimits, ReadsPrefer) {
  struct Row {
    std::string_view value;
    int seconds;  // 0: no patience is told
  };
  for (const auto& [value, seconds] : std::initializer_list<Row>{{"wait=10", 10},
                                                                 {"Wait=10", 10},
                                                                 {"wait = 10", 10},
                                                                 {"wait=\"10\"", 10},
                                                                 {"respond-async, wait=10", 10},
                                                                 {"respond-async;wait=10", 0},
                                                                 {"wait=10;foo=bar", 10},
                                                                 {"wait=10, wait=5", 10},
                                                                 {"foo=\"a, wait=5\", wait=10", 10},
                                                                 {"foo=\"\\\", wait=5\"", 0},
                                                                 {"handling=lenient", 0},
                                                                 {",,wait=10,", 10},
                                                                 {"waiting=5", 0},
                                                                 {"", 0}}) {
    const auto limits = read({{"Prefer", value}});
    ASSERT_TRUE(limits) << value;
    ASSERT_EQ(limits->patience.has_value(), seconds > 0) << value;
    if (limits->patience) EXPECT_EQ(limits->patience->duration, std::chrono::seconds(seconds)) << value;
  }
  EXPECT_EQ(read({{"Prefer", "wait=10"}, {"prefer", "wait=5"}})->patience->duration, 10s);
  for (const auto value :
       {"wait", "wait=", "wait=\"\"", "wait=0", "wait=-1", "wait=soon", "wait=\"10", "a, wait=x"}) {
    const auto limits = read({{"Prefer", value}});
    ASSERT_FALSE(limits) << value;
    EXPECT_EQ(limits.error().param, "Prefer: wait");
  }
}

TEST(PatienceMargin, IsTwoPercentWithinItsBounds) {
  EXPECT_EQ(patience_margin(600s), 2s);
  EXPECT_EQ(patience_margin(100s), 2s);
  EXPECT_EQ(patience_margin(50s), 1s);
  EXPECT_EQ(patience_margin(12500ms), 250ms);
  EXPECT_EQ(patience_margin(5s), 250ms);
  EXPECT_EQ(patience_margin(500ms), 250ms);
  EXPECT_EQ(patience_margin(100ms), 50ms);
  EXPECT_EQ(patience_margin(1ns), 0ns);
}

}  // namespace
}  // namespace punctual::api
