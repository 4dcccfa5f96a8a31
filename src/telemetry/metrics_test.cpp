#include "telemetry/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

namespace punctual::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

std::string text_of(const Metrics& metrics) {
  const Metrics* const cores[] = {&metrics};
  return prometheus_text(cores);
}

// The value of the sample with this name and these labels.
double value_in(const std::string& text, const std::string& sample) {
  const auto at = text.find("\n" + sample + " ");
  return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + sample.size() + 2, nullptr);
}

TEST(PrometheusText, HasEachFamilyOnceWithHelpAndType) {
  Metrics metrics;
  std::istringstream lines(text_of(metrics));
  std::set<std::string> seen;
  std::string family;
  std::string type;
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string first;
    std::string second;
    words >> first >> second;
    if (first == "#" && second == "HELP") {
      words >> family;
      EXPECT_TRUE(seen.insert(family).second) << family;
      type.clear();
    } else if (first == "#" && second == "TYPE") {
      std::string name;
      words >> name >> type;
      EXPECT_EQ(name, family);
      EXPECT_THAT(type, ::testing::AnyOf("counter", "gauge", "histogram"));
    } else {
      EXPECT_FALSE(type.empty());
      const auto name = first.substr(0, first.find('{'));
      const auto suffix = name.starts_with(family) ? name.substr(family.size()) : "?";
      if (type == "histogram") {
        EXPECT_THAT(suffix, ::testing::AnyOf("_bucket", "_sum", "_count")) << line;
      } else {
        EXPECT_EQ(suffix, "") << line;
      }
      char* end = nullptr;
      std::strtod(second.c_str(), &end);
      EXPECT_TRUE(!second.empty() && *end == '\0') << line;
    }
  }
  EXPECT_GT(seen.size(), 10U);
}

TEST(PrometheusText, HasEachSampleOnce) {
  Metrics metrics;
  std::istringstream lines(text_of(metrics));
  std::map<std::string, int> samples;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('#')) ++samples[line.substr(0, line.rfind(' '))];
  }
  for (const auto& [sample, count] : samples)
    EXPECT_EQ(count, 1) << sample;
}

TEST(PrometheusText, SumsOverTheCores) {
  Metrics first;
  Metrics second;
  first.requests[0][0].add(2);
  second.requests[0][0].add(3);
  second.requests[1][1].add();
  const Metrics* const cores[] = {&first, &second};
  const auto text = prometheus_text(cores);
  EXPECT_EQ(value_in(text, R"(punctual_requests_total{endpoint="chat",outcome="success"})"), 5);
  EXPECT_EQ(value_in(text, R"(punctual_requests_total{endpoint="completions",outcome="timeout"})"), 1);
}

TEST(PrometheusText, NamesLimitsAndTheirSources) {
  Metrics metrics;
  metrics
      .timeouts[deadline::index_of(deadline::Phase::first_token)]
               [static_cast<std::size_t>(deadline::SourceKind::rule)]
      .add();
  EXPECT_EQ(value_in(text_of(metrics), R"(punctual_timeouts_total{limit="first_token",source="rule"})"), 1);
}

TEST(Histograms, AreCumulative) {
  Metrics metrics;
  metrics.deadline_lateness.observe(milliseconds(1));  // on a bound: within it
  metrics.deadline_lateness.observe(milliseconds(3));
  metrics.deadline_lateness.observe(seconds(2000));
  metrics.deadline_lateness.observe(-seconds(1));
  const auto text = text_of(metrics);
  const auto bucket = [&](const std::string& bound) {
    return value_in(text, "punctual_deadline_lateness_seconds_bucket{le=\"" + bound + "\"}");
  };
  EXPECT_EQ(bucket("0.0005"), 1);
  EXPECT_EQ(bucket("0.001"), 2);
  EXPECT_EQ(bucket("0.002"), 2);
  EXPECT_EQ(bucket("0.005"), 3);
  EXPECT_EQ(bucket("900"), 3);
  EXPECT_EQ(bucket("+Inf"), 4);
  EXPECT_EQ(value_in(text, "punctual_deadline_lateness_seconds_count"), 4);
  EXPECT_NEAR(value_in(text, "punctual_deadline_lateness_seconds_sum"), 2000.004, 1e-9);
}

TEST(Histograms, HaveLabelsBesideTheirBounds) {
  Metrics metrics;
  metrics.request_duration[2].observe(milliseconds(1));
  EXPECT_THAT(
      text_of(metrics),
      HasSubstr("gen_ai_server_request_duration_seconds_bucket{endpoint=\"embeddings\",le=\"+Inf\"} 1\n"));
  EXPECT_THAT(text_of(metrics),
              HasSubstr("gen_ai_server_request_duration_seconds_count{endpoint=\"embeddings\"} 1\n"));
}

TEST(Counters, GoDownWhereTheyAreGauges) {
  Metrics metrics;
  metrics.requests_in_flight.add();
  metrics.requests_in_flight.add();
  metrics.requests_in_flight.subtract();
  EXPECT_EQ(value_in(text_of(metrics), "punctual_requests_in_flight"), 1);
}

TEST(Counters, MayBeReadWhileTheirCoreCounts) {
  Metrics metrics;
  constexpr std::uint64_t count_max = 20'000;
  std::jthread core([&metrics] {
    for (std::uint64_t i = 0; i < count_max; ++i)
      metrics.attempts.add();
  });
  std::uint64_t last = 0;
  while (last < count_max) {
    const auto now = metrics.attempts.value();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(Outcomes, HaveNames) {
  EXPECT_EQ(name_of(Outcome::success), "success");
  EXPECT_EQ(name_of(Outcome::timeout), "timeout");
  EXPECT_EQ(name_of(Outcome::stopped), "stopped");
}

}  // namespace
}  // namespace punctual::telemetry
