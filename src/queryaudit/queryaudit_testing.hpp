// Audited queries over a database of their own, on a small SQLite file as data source. Tests only.
#pragma once

#include <gtest/gtest.h>
#include <sodium.h>
#include <sqlite3.h>

#include <memory>

#include "queryaudit/audited_query.hpp"
#include "queryaudit/listing.hpp"
#include "queryaudit/verify.hpp"
#include "storage/database_testing.hpp"
#include "storage/sqlite_memory.hpp"

namespace punctual::queryaudit {

using std::chrono::milliseconds;
using std::chrono::seconds;

class TakingSink final : public QuerySink {
 public:
  void begun(const QueryBegun& begun) override {
    if (on_begun) on_begun(begun);
  }
  bool piece(const datasource::Piece& piece) override {
    if (pieces_max-- <= 0) return false;
    if (!piece.columns.empty()) columns = piece.columns;
    rows.insert(rows.end(), piece.rows.begin(), piece.rows.end());
    return true;
  }

  std::function<void(const QueryBegun&)> on_begun;
  int pieces_max = 100;
  std::string columns;
  std::vector<std::string> rows;
};

inline std::string sha256(const std::string& text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::array<char, crypto_hash_sha256_BYTES * 2 + 1> hex{};
  return sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
}

class QueryAuditTest : public storage::BothDatabases {
 protected:
  void SetUp() override {
    storage::BothDatabases::SetUp();
    if (IsSkipped()) return;
    store = open_store();
    std::filesystem::create_directories(database->folder());
    source = std::make_shared<datasource::Source>();
    source->id = "data_1";
    source->name = "numbers";
    source->file = (database->folder() / "source.db").string();
    storage::configure_sqlite();
    sqlite3* file = nullptr;
    ASSERT_EQ(sqlite3_open(source->file.c_str(), &file), SQLITE_OK);
    sqlite3_exec(file, "CREATE TABLE numbers (n INTEGER); INSERT INTO numbers VALUES (1), (2), (3)", nullptr,
                 nullptr, nullptr);
    sqlite3_close(file);
    queries = open_queries(*store);
  }

  // The vault's part is not tested here: the key lies open.
  static KeySeal open_seal() {
    return {[](std::string_view text) { return std::string(text); },
            [](std::string_view blob) { return config::Secret(std::string(blob)); }};
  }
  std::unique_ptr<AuditedQueries> open_queries(storage::Store& of) {
    auto opened = Chain::open(of, open_seal());
    EXPECT_TRUE(opened) << opened.error();
    if (opened) chain_ = opened->get();
    return std::make_unique<AuditedQueries>(of, clock, std::move(opened), [this](std::string_view id) {
      return id == source->id ? source : std::shared_ptr<const datasource::Source>();
    });
  }
  Chain& chain() const { return *chain_; }

  static QueryOrder order(const std::string& sql) {
    return {.user = "ada",
            .model = "sim-tools",
            .chat_id = "chat_1",
            .request_id = "req_1",
            .round = 2,
            .data_source = "data_1",
            .tool = datasource::Tool::query,
            .text = sql,
            .reason = "To know"};
  }
  QueryDone ask(const std::string& sql, QuerySink& sink, deadline::Duration limit = seconds(60)) {
    return queries->run(order(sql), storage::now() + limit, token, sink);
  }

  // Newest first.
  std::vector<Record> records() const {
    const auto reader = *store->reader();
    const auto page = list(*reader, {}, std::nullopt, page_records_max);
    EXPECT_TRUE(page) << page.error().message;
    return page ? page->records : std::vector<Record>();
  }
  Record only_record() const {
    const auto all = records();
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? Record() : all.front();
  }
  Verified verified() const {
    const auto reader = *store->reader();
    auto result = verify(*reader, chain_->hash(), storage::now() + seconds(30));
    EXPECT_TRUE(result) << result.error().message;
    return result ? std::move(*result) : Verified();
  }
  void expect_whole(std::int64_t count) const {
    const auto result = verified();
    for (const auto& problem : result.problems)
      ADD_FAILURE() << problem.id << " " << problem.what;
    EXPECT_EQ(result.records, count);
  }
  // As somebody who can write to the database and has no key.
  void alter(const std::string& sql) const {
    const auto done = store->write([&](storage::Connection& connection) -> storage::Outcome {
      const auto altered = connection.execute(sql);
      if (!altered) return std::unexpected(altered.error());
      return {};
    });
    EXPECT_TRUE(done) << done.error().message;
  }

  deadline::SystemClock clock;
  std::unique_ptr<storage::Store> store;
  std::shared_ptr<datasource::Source> source;
  datasource::CancelToken token;
  std::unique_ptr<AuditedQueries> queries;

 private:
  Chain* chain_ = nullptr;
};

}  // namespace punctual::queryaudit
