#include "requestlog/csv.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace punctual::requestlog {
namespace {

std::string cell(std::string_view text) {
  std::string out;
  CsvLine(out).text(text);
  return out;
}

// As RFC 4180 has it: one line into its cells.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"')
      cells.back().push_back(line[++i]);
    else if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      cells.emplace_back();
    else
      cells.back().push_back(c);
  }
  return cells;
}

TEST(Csv, LeavesPlainTextAsItIs) {
  EXPECT_EQ(cell("gpt-4o mini"), "gpt-4o mini");
  EXPECT_EQ(cell(""), "");
}

TEST(Csv, QuotesWhatNeedsIt) {
  EXPECT_EQ(cell("a,b"), "\"a,b\"");
  EXPECT_EQ(cell("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(cell("two\r\nlines"), "\"two\r\nlines\"");
}

TEST(Csv, MakesFormulasText) {
  for (const std::string text : {"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "=HYPERLINK(\"x\")", "  =1"})
    EXPECT_TRUE(cell(text).starts_with("\"'")) << text;
}

TEST(Csv, LeavesNumbersNumbers) {
  std::string out;
  CsvLine line(out);
  line.number(std::int64_t{-5}).number(std::optional<std::int64_t>()).milliseconds(1'500).milliseconds(-20);
  line.milliseconds(3'000).milliseconds(1'234'567).milliseconds(std::nullopt).end();
  EXPECT_EQ(out, "-5,,1.5,-0.02,3,1234.567,\r\n");
}

RC_GTEST_PROP(Csv, IsReadAsItWasWritten, (const std::vector<std::string>& texts)) {
  RC_PRE(!texts.empty());
  std::string out;
  CsvLine line(out);
  for (const auto& text : texts)
    line.text(text);
  const auto cells = cells_of(out);
  RC_ASSERT(cells.size() == texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    RC_ASSERT(cells[i] == texts[i] || cells[i] == "'" + texts[i]);
    RC_ASSERT(cells[i].empty() || !std::string_view("=+-@\t\r").contains(cells[i].front()));
  }
}

}  // namespace
}  // namespace punctual::requestlog
