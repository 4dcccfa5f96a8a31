// What the tests of requestlog/ share: records as lines, stored in a fresh database of either kind.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/record.hpp"
#include "requestlog/record_batch.hpp"
#include "requestlog/record_row.hpp"
#include "storage/database_testing.hpp"

namespace punctual::requestlog {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A request as tests want it; times are seconds after `epoch`.
inline constexpr std::int64_t epoch = 1'700'000'000;

struct Sample {
  double at = 0;
  std::string id = "request";
  std::string model = "model";
  std::string endpoint = "chat";
  std::string provider = "provider";
  std::string outcome = "success";
  int status = 200;
  double seconds = 1;
  std::optional<double> first_token = 0.25;
  std::optional<deadline::Phase> limit = {};
  std::optional<std::uint64_t> completion_tokens = 30;
};

inline std::int64_t microseconds_at(double at) {
  return epoch * 1'000'000 + static_cast<std::int64_t>(at * 1e6);
}

inline std::string line_of(const Sample& sample) {
  audit::Record record;
  record.started = storage::from_microseconds(microseconds_at(sample.at));
  record.request_id = sample.id;
  record.endpoint = sample.endpoint;
  record.path = "/v1/chat/completions";
  record.model = sample.model;
  record.stream = true;
  record.rule = "*";
  record.status = sample.status;
  record.outcome = sample.outcome;
  record.ended_by = "upstream";
  record.duration = deadline::from_seconds(sample.seconds);
  if (sample.first_token) record.first_token = deadline::from_seconds(*sample.first_token);
  if (sample.limit)
    record.fired = deadline::Expiry{*sample.limit, {deadline::from_seconds(sample.seconds), {}}, {}};
  record.total = deadline::Limit{std::chrono::seconds(900), {}};
  record.prompt_tokens = 10;
  record.completion_tokens = sample.completion_tokens;
  record.client = "127.0.0.1";
  record.bytes_in = 300;
  record.bytes_out = 4000;
  if (!sample.provider.empty()) {
    record.attempts.resize(1);
    record.attempts[0].provider = sample.provider;
    record.attempts[0].model = sample.model;
    record.attempts[0].outcome = sample.outcome;
    record.attempts[0].status = sample.status;
    record.attempts[0].connect = std::chrono::milliseconds(1);
    record.attempts[0].duration = record.duration;
  }
  std::string line;
  audit::append_json_line(line, record);
  return line;
}

class RequestLogTest : public storage::BothDatabases {
 protected:
  void SetUp() override {
    BothDatabases::SetUp();
    if (IsSkipped()) return;
    store = open_store();
    ASSERT_TRUE(store);
    reader = std::move(*store->reader());
  }
  void TearDown() override {
    reader.reset();
    store.reset();
  }

  void keep(std::string line) {
    if (line.ends_with('\n')) line.pop_back();
    auto row = reader_of_lines.read(line);
    ASSERT_TRUE(row) << row.error();
    batch.line_bytes.push_back(line.size());
    batch.rows.push_back(std::move(*row));
    if (batch.rows.size() >= 1000) commit();
  }
  void commit() {
    if (batch.rows.empty()) return;
    const auto outcome = store->write(
        [this](storage::Connection& connection) { return requestlog::store(connection, batch); });
    ASSERT_TRUE(outcome) << outcome.error().message;
    batch = {};
  }
  void keep_all(const std::vector<Sample>& samples) {
    for (const auto& sample : samples)
      keep(line_of(sample));
    commit();
  }
  std::int64_t number(std::string_view sql) const {
    const auto rows = reader->execute(sql);
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? rows->front().integer(0) : -1;
  }
  std::int64_t stored() const { return number("SELECT COUNT(*) FROM requests"); }

  std::unique_ptr<storage::Store> store;
  std::unique_ptr<storage::Connection> reader;
  RecordReader reader_of_lines;
  RecordBatch batch;
};

}  // namespace punctual::requestlog
