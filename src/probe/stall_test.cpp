#include "probe/stall.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace punctual::probe {
namespace {

using ::testing::HasSubstr;

settings::Result<StallRequest> read(std::string_view text) {
  return read_stall_request(boost::json::parse(text).as_object());
}

TEST(StallRequest, IsRead) {
  const auto request = read(R"({"run":"probe_1-a","kind":"beating_stream","seconds":310.5})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->run, "probe_1-a");
  EXPECT_EQ(request->kind, StallKind::beating_stream);
  EXPECT_EQ(request->duration, std::chrono::milliseconds(310'500));
}

TEST(StallRequest, SaysWhatIsWrong) {
  const struct {
    std::string_view body;
    std::string_view field;
    std::string_view message;
  } cases[] = {
      {R"({"kind":"trickle","seconds":1})", "run", "is missing"},
      {R"({"run":"","kind":"trickle","seconds":1})", "run", "1 to 64 letters"},
      {R"({"run":"a b","kind":"trickle","seconds":1})", "run", "is \"a b\""},
      {R"({"run":"a","kind":"nap","seconds":1})", "kind",
       "is \"nap\": there are silent_answer, silent_stream, beating_stream, trickle"},
      {R"({"run":"a","kind":3,"seconds":1})", "kind", "is 3"},
      {R"({"run":"a","kind":"trickle","seconds":0})", "seconds", "is 0: give 0.1 to 900"},
      {R"({"run":"a","kind":"trickle","seconds":901})", "seconds", "is 901"},
      {R"({"run":"a","kind":"trickle","seconds":"5"})", "seconds", "is \"5\""},
      {R"({"run":"a","kind":"trickle","seconds":1,"hops":2})", "hops", "is not known"},
  };
  for (const auto& [body, field, message] : cases) {
    const auto request = read(body);
    ASSERT_FALSE(request) << body;
    ASSERT_EQ(request.error().fields.size(), 1u) << body;
    EXPECT_EQ(request.error().fields[0].field, field) << body;
    EXPECT_THAT(request.error().fields[0].message, HasSubstr(message)) << body;
  }
}

TEST(StallRequest, NamesAreReadBack) {
  for (std::size_t i = 0; i < stall_kind_count; ++i) {
    const auto kind = static_cast<StallKind>(i);
    EXPECT_EQ(stall_kind_named(name_of(kind)), kind);
  }
  EXPECT_EQ(stall_kind_named("nap"), std::nullopt);
}

}  // namespace
}  // namespace punctual::probe
