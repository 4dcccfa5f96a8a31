#include "requestlog/record_row.hpp"

#include <gtest/gtest.h>

#include "requestlog/requestlog_testing.hpp"

namespace punctual::requestlog {
namespace {

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
  EXPECT_GT(std::get<std::int64_t>((*row)[request_column::bytes]), static_cast<std::int64_t>(line.size()));
  EXPECT_EQ((*row)[request_column::document], storage::Value(line));
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

TEST(RecordRows, AreNotMadeOfAnything) {
  RecordReader reader;
  for (const auto line :
       {"", "{", "[]", "{}", R"({"time":5})", R"({"time":"soon"})", R"({"time":"2023-11-14"}x)"})
    EXPECT_FALSE(reader.read(line)) << line;
}

}  // namespace
}  // namespace punctual::requestlog
