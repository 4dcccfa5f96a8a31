#include "requestlog/record_row.hpp"

#include <gtest/gtest.h>

#include "requestlog/record_members.hpp"
#include "requestlog/requestlog_testing.hpp"

namespace punctual::requestlog {
namespace {

// As a reader of the table makes it.
std::string whole(const std::vector<storage::Value>& row) {
  std::vector<storage::Value> columns = {std::int64_t{1}};
  columns.insert(columns.end(), row.begin(), row.end());
  std::string document;
  append_whole(document, std::get<std::string>(row[request_column::document]),
               entry_of(storage::Row(columns.data(), columns.size())));
  return document;
}

TEST(RecordRows, HoldWhatTheLineSays) {
  Sample sample;
  sample.at = 7.5;
  sample.seconds = 2.5;
  sample.limit = deadline::Phase::idle;
  auto line = line_of(sample);
  line.pop_back();
  RecordReader reader;
  const auto row = reader.read(line);
  ASSERT_TRUE(row) << row.error();
  ASSERT_EQ(row->size(), request_column::count);
  const std::vector<storage::Value> wanted = {microseconds_at(7.5),
                                              microseconds_at(10),
                                              "request",
                                              "chat",
                                              "provider",
                                              "model",
                                              "*",
                                              std::int64_t{200},
                                              "success",
                                              "idle",
                                              "default",
                                              "",
                                              std::int64_t{2'500'000},
                                              std::int64_t{250'000},
                                              std::int64_t{10},
                                              std::int64_t{30}};
  for (std::size_t i = 0; i < wanted.size(); ++i)
    EXPECT_EQ((*row)[i], wanted[i]) << i;
  EXPECT_GT(std::get<std::int64_t>((*row)[request_column::bytes]), 400);
  const auto& kept = std::get<std::string>((*row)[request_column::document]);
  EXPECT_LT(kept.size(), line.size() * 2 / 3);
  EXPECT_EQ(whole(*row), line);
}

TEST(RecordRows, TakeTheProviderOfTheLastAttempt) {
  RecordReader reader;
  const auto row = reader.read(
      R"({"time":"2023-11-14T22:13:20.007Z","attempts":[{"provider":"a"},{"provider":"b"},{"model":"m"}]})");
  ASSERT_TRUE(row) << row.error();
  EXPECT_EQ((*row)[4], storage::Value("b"));
  EXPECT_EQ((*row)[12], storage::Value(std::int64_t{0}));
  EXPECT_EQ((*row)[13], storage::Value());
}

TEST(RecordRows, ReplaceWhatCannotBeStored) {
  RecordReader reader;
  const auto row = reader.read(R"({"time":"2023-11-14T22:13:20Z","model":"a\u0000b","status":"x","rule":5})");
  ASSERT_TRUE(row) << row.error();
  EXPECT_EQ((*row)[5], storage::Value("a\xEF\xBF\xBD"
                                      "b"));
  EXPECT_EQ((*row)[6], storage::Value(""));
  EXPECT_EQ((*row)[7], storage::Value(std::int64_t{0}));
}

TEST(RecordRows, LeaveTheRecordWholeToTheByte) {
  RecordReader reader;
  for (const std::string line :
       {R"({"time":"2023-11-14T22:13:20.007Z"})", R"({"time":"2023-11-14T22:13:20.007123Z","status":200})",
        R"({"time":"2023-11-14T22:13:60.000Z"})", R"({"time":"2023-11-14t22:13:20.000Z"})",
        R"({"time":"2023-11-14T22:13:20.000+01:00"})", R"({"a":1,"time":"2023-11-14T22:13:20.000Z","b":{}})",
        R"({"time":"2023-11-14T22:13:20.000Z","model":"a\"b\\","rule":"","status":0})",
        R"({"time":"2023-11-14T22:13:20.000Z","model":"\u00e4","limit":null,"status":-5})",
        R"({"time":"2023-11-14T22:13:20.000Z","status":1e2,"duration_ms":1.5,"first_token_ms":0.001})",
        R"({"time":"2023-11-14T22:13:20.000Z","duration_ms":99.999,"prompt_tokens":-7})",
        R"({"time":"2023-11-14T22:13:20.000Z","duration_ms":123456789.123,"status":"200"})",
        R"({"time":"2023-11-14T22:13:20.000Z","model":"a","model":"b","api_key":"k"})",
        R"({ "time" : "2023-11-14T22:13:20.000Z" , "model" : "a" , "attempts" : [ {} ] })",
        R"({"duration_ms":1.000,"completion_tokens":30,"time":"2023-11-14T22:13:20.000Z","x":"}"})",
        R"({"time":"2023-11-14T22:13:20.000Z","attempts":[{"model":"a"}],"model":"a,}"})"}) {
    const auto row = reader.read(line);
    ASSERT_TRUE(row) << line << ": " << row.error();
    EXPECT_EQ(whole(*row), line);
  }
}

TEST(RecordRows, AreNotMadeOfAnything) {
  RecordReader reader;
  for (const auto line :
       {"", "{", "[]", "{}", R"({"time":5})", R"({"time":"soon"})", R"({"time":"2023-11-14"}x)"})
    EXPECT_FALSE(reader.read(line)) << line;
}

}  // namespace
}  // namespace punctual::requestlog
