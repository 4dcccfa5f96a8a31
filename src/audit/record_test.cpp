#include "audit/record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "json/reader.hpp"

namespace punctual::audit {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

std::string line(const Record& record) {
  std::string out;
  append_json_line(out, record);
  return out;
}

TEST(Records, AreOneLineOfJson) {
  const auto text = line({});
  json::Reader reader;
  EXPECT_TRUE(reader.read_copy(text));
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(Records, AreAppended) {
  std::string out = "before\n";
  append_json_line(out, {});
  EXPECT_TRUE(out.starts_with("before\n{\"time\":"));
}

TEST(Records, LeaveOutWhatHasNoValue) {
  const auto text = line({});
  for (const auto member : {"model", "rule", "limit", "connect_ms", "first_token_ms", "prompt_tokens",
                            "attempts", "detail", "content_events", "heartbeats", "client"}) {
    EXPECT_THAT(text, Not(HasSubstr("\"" + std::string(member) + "\""))) << member;
  }
}

TEST(Records, TellTheTimeInUtcToTheMillisecond) {
  Record record;
  record.started = deadline::WallTime(seconds(1'700'000'000) + milliseconds(7));
  EXPECT_THAT(line(record), HasSubstr(R"("time":"2023-11-14T22:13:20.007Z")"));
  record.started += seconds(1);
  EXPECT_THAT(line(record), HasSubstr(R"("time":"2023-11-14T22:13:21.007Z")"));
}

TEST(Records, TellDurationsInMillisecondsAndLimitsInSeconds) {
  Record record;
  record.duration = microseconds(1500);
  record.connect = microseconds(20);
  record.fired = deadline::Expiry{deadline::Phase::idle, {milliseconds(29'400), {}}, {}};
  record.total = deadline::Limit{seconds(900), {deadline::SourceKind::environment, "X_SECONDS"}};
  const auto text = line(record);
  EXPECT_THAT(text, HasSubstr(R"("duration_ms":1.5)"));
  EXPECT_THAT(text, HasSubstr(R"("connect_ms":0.02)"));
  EXPECT_THAT(text, HasSubstr(R"("limit":"idle","limit_seconds":29.4,"limit_source":"default")"));
  EXPECT_THAT(text, HasSubstr(R"("total_limit_seconds":900,"total_limit_source":"environment X_SECONDS")"));
}

TEST(Records, TellWhatTheClientAnnounced) {
  Record record;
  EXPECT_THAT(line(record), Not(HasSubstr("client_waits")));
  record.client_waits = seconds(600);
  record.client_waits_between_bytes = milliseconds(2500);
  record.client_waits_header = "x-stainless-timeout";
  record.inner = true;
  EXPECT_THAT(line(record),
              HasSubstr(R"("client_waits_seconds":600,"client_waits_between_bytes_seconds":2.5,)"
                        R"("client_waits_header":"x-stainless-timeout","inner":true})"));
}

TEST(Records, TellEachAttempt) {
  Record record;
  record.attempts.resize(2);
  record.attempts[0].provider = "a";
  record.attempts[0].outcome = "refused";
  record.attempts[1].provider = "b";
  record.attempts[1].status = 200;
  const auto text = line(record);
  EXPECT_THAT(text, HasSubstr(R"("attempts":[{"provider":"a","outcome":"refused",)"));
  EXPECT_THAT(text, HasSubstr(R"({"provider":"b","status":200,)"));
}

TEST(Records, KeepUtf8AndMaskWhatIsNone) {
  Record record;
  record.model = "gr\xc3\xbc\xc3\x9f-\xe6\xa8\xa1";
  record.rule = "\xff";
  const auto text = line(record);
  EXPECT_THAT(text, HasSubstr("\"model\":\"gr\xc3\xbc\xc3\x9f-\xe6\xa8\xa1\""));
  EXPECT_THAT(text, HasSubstr("\\u00ff"));
}

TEST(Records, MaskTheControlsBeyondAscii) {
  Record record;
  record.model = "a\xc2\x9b[2J";
  EXPECT_THAT(line(record), HasSubstr("a\\u00c2\\u009b[2J"));
}

TEST(Records, AreNotCutInTheMiddleOfACharacter) {
  std::string model(511, 'a');
  model += "\xe6\xa8\xa1";
  Record record;
  record.model = model;
  EXPECT_THAT(line(record), HasSubstr(std::string(511, 'a') + "\""));
}

TEST(Records, BoundTextThatAClientChose) {
  Record record;
  const std::string model(100'000, '"');
  record.model = model;
  EXPECT_LT(line(record).size(), 2000U);
}

// What is longest in every place at once still fits into the room that is made for it.
TEST(Records, OfTheLongestKindAreWhole) {
  const std::string longest(2000, '\x01');
  const deadline::Limit limit{deadline::Duration::max(), {deadline::SourceKind::environment, longest}};
  Record record;
  record.started = deadline::WallTime(deadline::Duration::max());
  record.request_id = record.path = record.model = record.rule = longest;
  record.upstream_request_id = record.detail = record.client = record.api_key = longest;
  record.endpoint = "completions";
  record.outcome = "cancelled";
  record.ended_by = "upstream";
  record.stream = true;
  record.status = 599;
  record.fired = deadline::Expiry{deadline::Phase::first_token, limit, {}};
  record.total = limit;
  record.receive = record.connect = record.first_token = record.cancel = deadline::Duration::max();
  record.duration = deadline::Duration::max();
  record.prompt_tokens = record.completion_tokens = UINT64_MAX;
  record.cached_tokens = record.reasoning_tokens = UINT64_MAX;
  record.content_events = record.heartbeats = record.bytes_in = record.bytes_out = UINT64_MAX;
  Attempt attempt{longest, longest, "cancelled", longest, 599, false, {}, {}, deadline::Duration::max()};
  attempt.connect = attempt.first_token = deadline::Duration::max();
  for (int i = 0; i < 16; ++i)
    record.attempts.push_back(attempt);
  const auto text = line(record);
  json::Reader reader;
  EXPECT_TRUE(reader.read_copy(text));
  constexpr std::size_t texts = 10 + 3 * 16;
  EXPECT_GT(text.size(), texts * 512 * 6);
  EXPECT_LT(text.size(), texts * 512 * 6 + 1500 + 16 * 400);
}

// Whatever a client sends as names: the line stays JSON, and no line break or control gets through.
RC_GTEST_PROP(Records, StayJsonForHostileNames, (const std::string& text)) {
  Record record;
  record.model = record.request_id = record.path = text;
  record.detail = record.client = record.upstream_request_id = text;
  record.attempts.resize(1);
  record.attempts[0].detail = text;
  record.attempts[0].model = text;
  const auto written = line(record);
  json::Reader reader;
  RC_ASSERT(reader.read_copy(written).has_value());
  for (std::size_t i = 0; i + 1 < written.size(); ++i) {
    const auto byte = static_cast<unsigned char>(written[i]);
    RC_ASSERT(byte >= 0x20 && byte != 0x7f);
    RC_ASSERT(byte != 0xc2 || static_cast<unsigned char>(written[i + 1]) >= 0xa0);
  }
}

}  // namespace
}  // namespace punctual::audit
