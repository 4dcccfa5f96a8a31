#include "requestlog/client_signs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "requestlog/requestlog_testing.hpp"

namespace punctual::requestlog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

std::string line(double at, const std::function<void(audit::Record&)>& more) {
  audit::Record record;
  record.started = storage::from_microseconds(microseconds_at(at));
  record.request_id = "request";
  record.endpoint = "chat";
  record.outcome = "success";
  record.ended_by = "upstream";
  record.duration = seconds(60);
  more(record);
  std::string text;
  audit::append_json_line(text, record);
  return text;
}

class ClientSigns : public RequestLogTest {
 protected:
  void keep_left(double at, bool stream, std::string_view ended_by, bool inner = false) {
    keep(line(at, [&](audit::Record& record) {
      record.stream = stream;
      record.outcome = "cancelled";
      record.ended_by = ended_by;
      record.inner = inner;
      // Text cannot pass for a member.
      record.model = R"(","stream":true,"inner":true,"ended_by":"client)";
    }));
  }
  static deadline::WallTime since(double at) { return storage::from_microseconds(microseconds_at(at)); }
};

INSTANTIATE_TEST_SUITE_P(, ClientSigns, storage::both_dialects, storage::dialect_name);

TEST_P(ClientSigns, AreThoseThatWentAwayByThemselves) {
  keep_left(1, false, "client");
  keep_left(2, true, "client");
  keep_left(3, true, "operator");
  keep_left(4, true, "client", true);
  keep(line(5, [](auto&) {}));
  keep(line(6, [](audit::Record& record) {
    record.endpoint = "";
    record.outcome = "cancelled";
    record.ended_by = "client";
  }));
  commit();
  const auto left = read_left(*reader, since(0));
  ASSERT_TRUE(left) << left.error().message;
  ASSERT_THAT(*left, SizeIs(2));
  EXPECT_TRUE((*left)[0].stream) << "the newest first";
  EXPECT_FALSE((*left)[1].stream);
  EXPECT_EQ((*left)[1].endpoint, "chat");
  EXPECT_EQ((*left)[1].started, microseconds_at(1));
  EXPECT_EQ((*left)[1].duration_us, 60'000'000);
  EXPECT_THAT(*read_left(*reader, since(1.5)), SizeIs(1));
}

TEST_P(ClientSigns, AreReadThroughTheirOwnIndex) {
  keep_left(1, false, "client");
  commit();
  if (reader->dialect() != storage::Dialect::sqlite) GTEST_SKIP() << "small tables are read as they are";
  const auto plan = reader->execute(
      "EXPLAIN QUERY PLAN SELECT document FROM requests WHERE outcome = 'cancelled' AND endpoint <> ''"
      " AND started >= $1 ORDER BY started DESC, id DESC LIMIT $2",
      {std::int64_t{0}, std::int64_t{1}});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(plan->front().text(3), testing::HasSubstr("requests_cancelled"));
}

TEST_P(ClientSigns, AreWhatTheyAnnounced) {
  for (const int wait : {600, 600, 30}) {
    keep(line(1, [&](audit::Record& record) {
      record.stream = true;
      record.client_waits = seconds(wait);
      record.client_waits_header = "x-stainless-timeout";
      record.model = R"("client_waits_seconds":7,)";
    }));
  }
  keep(line(2, [](audit::Record& record) {
    record.stream = true;
    record.client_waits_between_bytes = milliseconds(2500);
    record.client_waits_header = "x-stainless-read-timeout";
  }));
  keep(line(3, [](audit::Record& record) {
    record.total = deadline::Limit{seconds(12), {deadline::SourceKind::request, "X-Request-Timeout"}};
  }));
  keep(line(4, [](audit::Record& record) {
    record.total = deadline::Limit{seconds(900), {deadline::SourceKind::built_in, {}}};
  }));
  keep(line(5, [](audit::Record& record) {
    record.inner = true;
    record.total = deadline::Limit{seconds(5), {deadline::SourceKind::request, "X-Request-Timeout"}};
  }));
  commit();
  const auto announced = read_announced(*reader, since(0));
  ASSERT_TRUE(announced) << announced.error().message;
  ASSERT_THAT(*announced, SizeIs(2));
  const auto& whole = (*announced)[0];
  EXPECT_FALSE(whole.stream);
  EXPECT_EQ(whole.requests, 2);
  EXPECT_THAT(whole.limit.seconds, ElementsAre(Pair(12, 1)));
  EXPECT_THAT(whole.limit.headers, ElementsAre(Pair("X-Request-Timeout", 1)));
  EXPECT_THAT(whole.wait.seconds, IsEmpty());
  const auto& streamed = (*announced)[1];
  EXPECT_EQ(streamed.endpoint, "chat");
  EXPECT_EQ(streamed.requests, 4);
  EXPECT_THAT(streamed.wait.seconds, ElementsAre(Pair(30, 1), Pair(600, 2)));
  EXPECT_THAT(streamed.wait.headers, ElementsAre(Pair("x-stainless-timeout", 3)));
  EXPECT_THAT(streamed.silence.seconds, ElementsAre(Pair(2.5, 1)));
  EXPECT_THAT(*read_announced(*reader, since(10)), IsEmpty());
}

TEST_P(ClientSigns, EndAtTheDeadline) {
  keep_left(1, false, "client");
  commit();
  reader->set_deadline(storage::now() - seconds(1));
  EXPECT_FALSE(read_left(*reader, since(0)));
  EXPECT_FALSE(read_announced(*reader, since(0)));
}

}  // namespace
}  // namespace punctual::requestlog
