#include "requestlog/filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "requestlog/statement.hpp"

namespace punctual::requestlog {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const deadline::WallTime now = deadline::WallTime(std::chrono::seconds(1'700'000'000));

std::expected<Filter, ParameterError> filter_of(std::string_view query,
                                                std::vector<std::string_view> others = {}) {
  const auto parameters = parse_query(query);
  if (!parameters) return std::unexpected(parameters.error());
  return parse_filter(*parameters, now, others);
}

TEST(Filters, OfNothingMatchEverything) {
  EXPECT_EQ(filter_of(""), Filter());
}

TEST(Filters, TakeSeveralValuesOfOneParameter) {
  const auto filter = filter_of("model=a&model=b%20c&endpoint=chat&provider=p&key=k&q=x+y&outcome=timeout");
  ASSERT_TRUE(filter) << filter.error().message;
  EXPECT_THAT(filter->models, ElementsAre("a", "b c"));
  EXPECT_THAT(filter->endpoints, ElementsAre("chat"));
  EXPECT_THAT(filter->providers, ElementsAre("p"));
  EXPECT_THAT(filter->keys, ElementsAre("k"));
  EXPECT_THAT(filter->searches, ElementsAre("x y"));
  EXPECT_THAT(filter->outcomes, ElementsAre("timeout"));
}

TEST(Filters, TakeStatusesAndClasses) {
  const auto filter = filter_of("status=503&status=4xx&status=0");
  ASSERT_TRUE(filter) << filter.error().message;
  EXPECT_THAT(filter->statuses, ElementsAre(StatusRange{503, 503}, StatusRange{400, 499}, StatusRange{0, 0}));
}

TEST(Filters, TakeTimesAndDurations) {
  const auto filter = filter_of(
      "from=1h&to=2023-11-14T22:00:00Z&slower_than=500ms&faster_than=2&limit=idle&limit=none&rule=gpt-*");
  ASSERT_TRUE(filter) << filter.error().message;
  EXPECT_EQ(filter->from, (1'700'000'000LL - 3600) * 1'000'000);
  EXPECT_EQ(filter->to, 1'699'999'200LL * 1'000'000);
  EXPECT_EQ(filter->slower_than_us, 500'000);
  EXPECT_EQ(filter->faster_than_us, 2'000'000);
  EXPECT_THAT(filter->rules, ElementsAre("gpt-*"));
  EXPECT_THAT(filter->limits, ElementsAre("idle", ""));
}

struct Wrong {
  std::string_view query;
  std::string_view parameter;
  std::string_view value;
  std::string_view right;
};

TEST(Filters, SayWhatIsWrongAndWhatWouldBeRight) {
  for (const auto& [query, parameter, value, right] : std::vector<Wrong>{
           {"status=6xx", "status", "6xx", "a class such as 5xx"},
           {"status=99", "status", "99", "a status such as 503"},
           {"status=", "status", "", "a status such as 503"},
           {"outcome=bad", "outcome", "bad", "success, timeout, error, refused, cancelled, stopped"},
           {"limit=never", "limit", "never", "first_token"},
           {"from=soon", "from", "soon", "1h or 7d"},
           {"from=1h&from=2h", "from", "2h", "only once"},
           {"from=1h&to=2h", "from", "1h", "earlier"},
           {"slower_than=-1", "slower_than", "-1", "seconds such as 2.5"},
           {"faster_than=soon", "faster_than", "soon", "seconds such as 2.5"},
           {"rule=", "rule", "", "not empty"},
           {"model=", "model", "", "not empty"},
           {"modle=x", "modle", "x", "model, endpoint"},
           {"q=%4", "q", "%4", "%25"},
           {"q=%00", "q", "\xEF\xBF\xBD", "NUL"},
           {"q=%ff", "q", "\xEF\xBF\xBD", "UTF-8"}}) {
    const auto filter = filter_of(query);
    ASSERT_FALSE(filter) << query;
    EXPECT_EQ(filter.error().parameter, parameter) << query;
    EXPECT_EQ(filter.error().value, value) << query;
    EXPECT_THAT(filter.error().message, HasSubstr(std::string(right))) << query;
  }
}

TEST(Filters, LeaveTheParametersOfOthersAlone) {
  EXPECT_TRUE(filter_of("cursor=x&model=a", {"cursor"}));
  const auto filter = filter_of("curse=x", {"cursor"});
  ASSERT_FALSE(filter);
  EXPECT_THAT(filter.error().message, HasSubstr("cursor"));
}

TEST(Filters, AreBounded) {
  EXPECT_FALSE(filter_of(std::string(query_bytes_max + 1, '&')));
  EXPECT_FALSE(filter_of("model=" + std::string(query_value_bytes_max + 1, 'a')));
  std::string many;
  for (std::size_t i = 0; i <= query_parameters_max; ++i)
    many += "model=a&";
  EXPECT_FALSE(filter_of(many));
}

TEST(Filters, NeverBecomePartsOfSql) {
  Filter filter;
  const std::string evil = "'; DROP TABLE requests; --";
  filter.models = filter.endpoints = filter.providers = filter.outcomes = filter.limits = filter.keys =
      filter.searches = {evil, evil};
  Statement statement("SELECT 1 FROM requests WHERE TRUE");
  statement.and_filter(filter);
  EXPECT_THAT(statement.text(), AllOf(Not(HasSubstr("DROP")), HasSubstr("model IN ($1, $2)")));
}

}  // namespace
}  // namespace punctual::requestlog
