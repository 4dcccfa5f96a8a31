#include "sim/counters.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace punctual::sim {

namespace {

using std::chrono::microseconds;

TEST(Counters, AddUp) {
  Counters counters;
  EXPECT_EQ(counters.json(), R"({"started":0,"finished":0,"aborted":0,"stopped":0,"open":0,)"
                             R"("noticed_ms":{"count":0,"p50":0.000,"max":0.000}})");
  for (std::uint64_t i = 1; i <= 5; ++i)
    EXPECT_EQ(counters.start(), i);
  counters.finish();
  counters.stop();
  counters.abort(microseconds(3));
  counters.abort(microseconds(2500));
  EXPECT_EQ(counters.open(), 1u);
  EXPECT_EQ(counters.json(), R"({"started":5,"finished":1,"aborted":2,"stopped":1,"open":1,)"
                             R"("noticed_ms":{"count":2,"p50":0.004,"max":2.500}})");
}

TEST(Counters, TakeAnyDuration) {
  Counters counters;
  counters.abort(microseconds(-5));
  counters.abort(std::chrono::hours(100 * 24 * 365));
  EXPECT_EQ(counters.aborted(), 2u);
}

}  // namespace

}  // namespace punctual::sim
