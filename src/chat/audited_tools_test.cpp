// Looks into a real SQLite file, recorded in a real database.
#include "chat/audited_tools.hpp"

#include <gmock/gmock.h>

#include <future>

#include "datasource/datasource_testing.hpp"

namespace punctual::chat {
namespace {

using std::chrono::seconds;

constexpr auto patience = seconds(20);
const std::string endless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

// What a run has said; waits for its steps.
class Listener final : public ToolListener {
 public:
  void started(std::string its_id, std::string, deadline::Duration its_limit) override {
    id = std::move(its_id);
    limit = its_limit;
    begun_.set_value();
  }
  void piece(std::string columns, std::string rows) override { said += columns + rows; }
  void ended(ToolEnd end) override { end_.set_value(std::move(end)); }

  bool wait_begun() { return begun_.get_future().wait_for(patience) == std::future_status::ready; }
  ToolEnd wait_end() {
    auto end = end_.get_future();
    if (end.wait_for(patience) != std::future_status::ready) return {.outcome = "it has not ended"};
    return end.get();
  }

  std::string id;
  std::string said;
  deadline::Duration limit{};

 private:
  std::promise<void> begun_;
  std::promise<ToolEnd> end_;
};

class AuditedToolsTest : public datasource::DataSourceTest {
 protected:
  AuditedToolsTest() {
    store_ = *storage::Store::open({.location = "sqlite", .data = (folder / "gateway").string()});
    const queryaudit::KeySeal seal{
        [](std::string_view text) -> std::expected<std::string, std::string> { return std::string(text); },
        [](std::string_view blob) -> std::expected<config::Secret, std::string> {
          return config::Secret(std::string(blob));
        }};
    queries_ = std::make_unique<queryaudit::AuditedQueries>(*store_, clock_,
                                                            queryaudit::Chain::open(*store_, seal), find_);
    tools = std::make_unique<AuditedTools>(*queries_, clock_, find_);
  }
  ~AuditedToolsTest() override { tools.reset(); }

  ToolRequest request(const std::string& sql) {
    ToolRequest request;
    request.sql = sql;
    request.data_source = source.id;
    request.user = "ada";
    request.until = clock_.now() + seconds(60);
    return request;
  }
  std::int64_t records(const std::string& where = "1 = 1") {
    const auto reader = store_->reader();
    return (*reader)->execute("SELECT count(*) FROM queries WHERE " + where)->front().integer(0);
  }

  deadline::SystemClock clock_;
  std::unique_ptr<AuditedTools> tools;

 private:
  AuditedTools::FindSource find_ = [this](std::string_view id) {
    return id == source.id ? std::make_shared<const datasource::Source>(source) : nullptr;
  };
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<queryaudit::AuditedQueries> queries_;
};

TEST_F(AuditedToolsTest, FindsWhatIsEnabled) {
  EXPECT_EQ(tools->find(source.id)->dialect, "SQLite");
  EXPECT_EQ(tools->find(source.id)->rows_max, 1000U);
  EXPECT_THAT(tools->find("data_none").error().message, testing::HasSubstr("there is none of this id"));
  source.enabled = false;
  EXPECT_THAT(tools->find(source.id).error().message, testing::HasSubstr("is not enabled"));
}

TEST_F(AuditedToolsTest, TellsRowsAndRecordsThem) {
  const auto listener = std::make_shared<Listener>();
  const auto run = tools->run(request("SELECT id, item FROM orders WHERE id < 3 ORDER BY id"), listener);
  const auto end = listener->wait_end();
  EXPECT_EQ(end.outcome, "success") << end.error;
  EXPECT_EQ(end.rows, 2U);
  EXPECT_EQ(listener->said, "[\"id\",\"item\"][[1,\"pen\"],[2,\"caf\u00e9\"]]");
  EXPECT_EQ(listener->limit, seconds(30));
  EXPECT_EQ(records("id = " + listener->id + " AND outcome = 'success' AND user_name = 'ada'"), 1);
}

TEST_F(AuditedToolsTest, WhatHasNoRoomInTheChatIsLeftOut) {
  source.bounds.rows_max = 100'000;
  source.bounds.bytes_max = 64 << 20;
  auto large = request("SELECT n, 'some text to fill it' FROM many");
  large.result_bytes_max = 50'000;
  const auto listener = std::make_shared<Listener>();
  const auto run = tools->run(large, listener);
  const auto end = listener->wait_end();
  EXPECT_EQ(end.outcome, "cancelled");
  EXPECT_TRUE(end.truncated);
  EXPECT_THAT(end.error, testing::HasSubstr("no room"));
  EXPECT_LE(listener->said.size(), large.result_bytes_max);
  EXPECT_EQ(records("row_count = " + std::to_string(end.rows) + " AND outcome = 'cancelled'"), 1)
      << "the record says what was seen";
}

TEST_F(AuditedToolsTest, ACancelEndsItWhileItRuns) {
  const auto listener = std::make_shared<Listener>();
  const auto run = tools->run(request(endless), listener);
  ASSERT_TRUE(listener->wait_begun());
  run->cancel();
  EXPECT_EQ(listener->wait_end().outcome, "cancelled");
  EXPECT_EQ(records("outcome = 'cancelled'"), 1);
}

TEST_F(AuditedToolsTest, MoreThanThereAreThreadsWait) {
  std::vector<std::shared_ptr<Listener>> listeners;
  std::vector<std::shared_ptr<ToolRun>> runs;
  listeners.reserve(AuditedTools::threads_max);
  runs.reserve(AuditedTools::threads_max);
  for (std::size_t i = 0; i < AuditedTools::threads_max; ++i) {
    listeners.push_back(std::make_shared<Listener>());
    runs.push_back(tools->run(request(endless), listeners.back()));
  }
  for (const auto& listener : listeners)
    ASSERT_TRUE(listener->wait_begun());
  const auto waiting = std::make_shared<Listener>();
  const auto given_up = std::make_shared<Listener>();
  const auto first = tools->run(request("SELECT 1"), waiting);
  const auto second = tools->run(request("SELECT 2"), given_up);
  second->cancel();
  runs[0]->cancel();
  EXPECT_EQ(waiting->wait_end().outcome, "success");
  EXPECT_EQ(given_up->wait_end().outcome, "cancelled");
  EXPECT_EQ(given_up->id, "") << "what did not run is not recorded";
  EXPECT_EQ(records(), static_cast<std::int64_t>(AuditedTools::threads_max) + 1);
  // The end of the process: all that runs is ended, and recorded.
  tools->stop();
  for (const auto& listener : listeners)
    EXPECT_EQ(listener->wait_end().outcome, "cancelled");
  EXPECT_EQ(records("outcome = 'running'"), 0);
  const auto late = std::make_shared<Listener>();
  const auto none = tools->run(request("SELECT 1"), late);
  EXPECT_EQ(late->wait_end().outcome, "cancelled");
}

TEST_F(AuditedToolsTest, OneWhoseTimeIsUpIsNotBegun) {
  auto late = request("SELECT 1");
  late.until = clock_.now();
  const auto listener = std::make_shared<Listener>();
  const auto run = tools->run(late, listener);
  EXPECT_EQ(listener->wait_end().outcome, "timeout");
  EXPECT_EQ(records(), 0);
}

}  // namespace
}  // namespace punctual::chat
