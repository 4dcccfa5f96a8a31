#include "requestlog/exporter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "requestlog/listing.hpp"
#include "requestlog/requestlog_testing.hpp"

namespace punctual::requestlog {
namespace {

class Exporters : public RequestLogTest {
 protected:
  struct Outcome {
    std::string text;  // at most the first 100 KB
    std::size_t bytes = 0;
    std::size_t lines = 0;
    std::size_t largest_piece = 0;
    std::uint64_t rows = 0;
  };

  Outcome exported(const Filter& filter, ExportFormat format) const {
    Outcome outcome;
    auto exporter = Exporter::open(*reader, filter, format);
    EXPECT_TRUE(exporter) << exporter.error().message;
    if (!exporter) return outcome;
    std::string piece;
    for (auto state = ExportState::more; state == ExportState::more; piece.clear()) {
      state = exporter->next(piece);
      EXPECT_NE(state, ExportState::failed) << exporter->error().message;
      if (outcome.text.size() < 100'000) outcome.text += piece;
      outcome.bytes += piece.size();
      outcome.lines += static_cast<std::size_t>(std::ranges::count(piece, '\n'));
      outcome.largest_piece = std::max(outcome.largest_piece, piece.size());
    }
    outcome.rows = exporter->rows();
    return outcome;
  }

  static std::size_t resident_kilobytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
    return 0;
  }
};

INSTANTIATE_TEST_SUITE_P(, Exporters, storage::both_dialects, storage::dialect_name);

TEST_P(Exporters, OfNothingIsAHeadLine) {
  EXPECT_EQ(exported({}, ExportFormat::csv).lines, 1U);
  EXPECT_EQ(exported({}, ExportFormat::json_lines).text, "");
}

TEST_P(Exporters, WriteCsv) {
  keep_all({{.at = 0.25, .id = "=cmd()", .model = "a,\"b\""}});
  const auto text = exported({}, ExportFormat::csv).text;
  EXPECT_TRUE(text.starts_with("id,time,ended,request_id,")) << text;
  EXPECT_TRUE(
      text.ends_with(",2023-11-14T22:13:20.250Z,2023-11-14T22:13:21.250Z,\"'=cmd()\",chat,provider,"
                     "\"a,\"\"b\"\"\",*,200,success,,,,1000,250,10,30\r\n"))
      << text;
}

TEST_P(Exporters, WriteTheRecordsAsJsonLines) {
  const auto first = line_of({.at = 1, .id = "a"});
  const auto second = line_of({.at = 2, .id = "b"});
  keep(first);
  keep(second);
  commit();
  EXPECT_EQ(exported({}, ExportFormat::json_lines).text, first + second);
  EXPECT_EQ(exported({.searches = {"b"}}, ExportFormat::json_lines).text, second);
}

TEST_P(Exporters, EndWithWhatWasThereAtTheStart) {
  keep_all({{.id = "a"}});
  auto exporter = Exporter::open(*reader, {}, ExportFormat::json_lines);
  ASSERT_TRUE(exporter);
  keep_all({{.id = "b"}});
  std::string text;
  EXPECT_EQ(exporter->next(text), ExportState::ended);
  EXPECT_EQ(exporter->rows(), 1U);
}

TEST_P(Exporters, SayWhyTheyFail) {
  keep_all({{.id = "a"}});
  auto exporter = Exporter::open(*reader, {}, ExportFormat::csv);
  ASSERT_TRUE(exporter);
  reader->set_deadline(storage::now() - seconds(1));
  std::string text;
  EXPECT_EQ(exporter->next(text), ExportState::failed);
  EXPECT_EQ(exporter->error().kind, storage::ErrorKind::interrupted);
}

// What matters with much: that all is there, and that a piece is not larger for it.
TEST_P(Exporters, TakeBoundedMemoryForAHundredThousandRequests) {
  constexpr int count = 100'000;
  const std::vector<std::string> models = {"gpt-4o", "claude-sonnet", "llama-3", "qwen", "mistral"};
  for (int i = 0; i < count; ++i) {
    const bool late = i % 100 == 7;
    keep(line_of({.at = i * 0.5,
                  .id = "request-" + std::to_string(i),
                  .model = models[static_cast<std::size_t>(i) % models.size()],
                  .outcome = late ? "timeout" : "success",
                  .status = late ? 504 : 200,
                  .seconds = 0.5 + (i % 1000) * 0.01}));
  }
  commit();
  ASSERT_EQ(stored(), count);

  EXPECT_EQ(count_up_to(*reader, {.outcomes = {"timeout"}}, count), count / 100);
  const auto page = list(*reader, {.filter = {.models = {"qwen"}, .statuses = {{500, 599}}}});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->entries.size(), 0U);

  const auto before = resident_kilobytes();
  for (const auto format : {ExportFormat::csv, ExportFormat::json_lines}) {
    const auto begin = storage::now();
    const auto all = exported({}, format);
    const auto taken = deadline::seconds(storage::now() - begin);
    EXPECT_EQ(all.rows, static_cast<std::uint64_t>(count));
    EXPECT_EQ(all.lines, static_cast<std::size_t>(count) + (format == ExportFormat::csv ? 1 : 0));
    EXPECT_LT(all.largest_piece, 3 * Exporter::piece_bytes);
    std::printf("%s: %.0f rows/s, %zu bytes, the largest piece %zu bytes\n", media_type(format).data(),
                count / taken, all.bytes, all.largest_piece);
    const auto some = exported({.models = {"llama-3"}, .outcomes = {"timeout"}}, format);
    EXPECT_EQ(some.rows, static_cast<std::uint64_t>(count) / 100);
  }
  std::printf("resident memory before %zu KB, after %zu KB\n", before, resident_kilobytes());
}

}  // namespace
}  // namespace punctual::requestlog
