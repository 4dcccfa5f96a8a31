#include "deadline/limits.hpp"

#include <gtest/gtest.h>

namespace punctual::deadline {
namespace {

using std::chrono::seconds;

constexpr Source built_in = {SourceKind::built_in, {}};
constexpr Source header = {SourceKind::request, "X-Request-Timeout"};

TEST(Limits, AreNoneAtFirst) {
  const Limits limits;
  for (const Phase phase : all_phases)
    EXPECT_EQ(limits[phase].duration, std::nullopt);
}

TEST(Limits, ShortenOnlyShortens) {
  Limits limits;
  limits[Phase::total] = {seconds(10), built_in};
  limits.shorten(Phase::total, seconds(11), header);
  EXPECT_EQ(limits[Phase::total].duration, seconds(10));
  EXPECT_EQ(limits[Phase::total].source.kind, SourceKind::built_in);
  limits.shorten(Phase::total, seconds(10), header);
  EXPECT_EQ(limits[Phase::total].source.kind, SourceKind::built_in);
  limits.shorten(Phase::total, seconds(9), header);
  EXPECT_EQ(limits[Phase::total].duration, seconds(9));
  EXPECT_EQ(limits[Phase::total].source.name, "X-Request-Timeout");
}

TEST(Limits, ShortenBoundsAPhaseThatHadNoLimit) {
  Limits limits;
  limits.shorten(Phase::idle, seconds(3), header);
  EXPECT_EQ(limits[Phase::idle].duration, seconds(3));
  EXPECT_EQ(limits[Phase::total].duration, std::nullopt);
}

TEST(Limits, NarrowerScopeReplacesOnlyWhatItNames) {
  Limits limits;
  limits[Phase::idle] = {seconds(120), built_in};
  limits[Phase::connect] = {seconds(10), built_in};
  limits[Phase::attempt] = {seconds(60), built_in};
  LimitOverrides rule;
  rule.set(Phase::idle, {seconds(500), {SourceKind::rule, "gpt-*"}});
  rule.set(Phase::attempt, {std::nullopt, {SourceKind::rule, "gpt-*"}});
  rule.apply_to(limits);
  EXPECT_EQ(limits[Phase::idle].duration, seconds(500));
  EXPECT_EQ(limits[Phase::idle].source.text(), "rule gpt-*");
  EXPECT_EQ(limits[Phase::connect].duration, seconds(10));
  EXPECT_EQ(limits[Phase::attempt].duration, std::nullopt);
  EXPECT_FALSE(rule[Phase::connect].has_value());
}

TEST(Limits, SourceSaysWhatAPersonWouldChange) {
  EXPECT_EQ(built_in.text(), "default");
  EXPECT_EQ((Source{SourceKind::environment, "PUNCTUAL_TIMEOUT_CHAT_SECONDS"}).text(),
            "environment PUNCTUAL_TIMEOUT_CHAT_SECONDS");
  EXPECT_EQ(header.text(), "request X-Request-Timeout");
  EXPECT_EQ(name_of(SourceKind::file), "file");
  EXPECT_EQ(name_of(SourceKind::stored), "stored");
  EXPECT_EQ(name_of(SourceKind::provider), "provider");
  EXPECT_EQ(name_of(SourceKind::patience), "patience");
}

}  // namespace
}  // namespace punctual::deadline
