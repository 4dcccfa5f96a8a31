#include "probe/observation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace punctual::probe {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Report, IsReadAsItWasWritten) {
  Report report;
  report.url = "https://models.example.com/v1";
  report.observations = {{.kind = StallKind::silent_answer,
                          .asked = seconds(310),
                          .lasted = milliseconds(60'012),
                          .ending = Ending::answered,
                          .status = 504,
                          .hop = "nginx/1.22.1",
                          .hop_kind = "nginx"},
                         {.kind = StallKind::beating_stream,
                          .asked = seconds(310),
                          .lasted = seconds(310),
                          .events = 22,
                          .longest_silence = milliseconds(15'100)},
                         {.kind = StallKind::trickle,
                          .asked = seconds(2),
                          .lasted = seconds(2),
                          .events = 21,
                          .in_lumps = true}};
  const auto read = read_report(to_json(report));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(report));
  ASSERT_NE(read->of(StallKind::trickle), nullptr);
  EXPECT_TRUE(read->of(StallKind::trickle)->in_lumps);
  EXPECT_EQ(read->of(StallKind::silent_stream), nullptr);
}

TEST(Report, SaysWhatIsWrong) {
  const struct {
    std::string_view body;
    std::string_view field;
  } cases[] = {
      {R"({"observations":[{"kind":"trickle","ending":"whole"}]})", "url"},
      {R"({"url":"https://me:secret@a/v1","observations":[{"kind":"trickle","ending":"whole"}]})", "url"},
      {R"({"url":"https://a/v1"})", "observations"},
      {R"({"url":"https://a/v1","observations":[]})", "observations"},
      {R"({"url":"https://a/v1","observations":[3]})", "observations[0]"},
      {R"({"url":"https://a/v1","observations":[{"ending":"whole"}]})", "observations[0].kind"},
      {R"({"url":"https://a/v1","observations":[{"kind":"trickle","ending":"late"}]})",
       "observations[0].ending"},
      {R"({"url":"https://a/v1","observations":[{"kind":"trickle","ending":"whole","seconds":-1}]})",
       "observations[0].seconds"},
      {R"({"url":"https://a/v1","observations":[{"kind":"trickle","ending":"whole","hop_kind":"x"}]})",
       "observations[0].hop_kind"},
      {R"({"url":"https://a/v1","observations":[{"kind":"trickle","ending":"whole","in_lumps":1}]})",
       "observations[0].in_lumps"},
  };
  for (const auto& [body, field] : cases) {
    const auto report = read_report(boost::json::parse(body).as_object());
    ASSERT_FALSE(report) << body;
    EXPECT_EQ(report.error().fields[0].field, field) << body;
    EXPECT_THAT(report.error().message, testing::Not(testing::HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace punctual::probe
