#include "dialects/without_progress.hpp"

#include <gtest/gtest.h>

namespace punctual::dialects {
namespace {

std::string passed(std::string_view event) {
  WithoutProgress filter;
  std::string out;
  filter.event(event, out);
  return out;
}

TEST(WithoutProgress, LeavesOutChunksThatSayNothingElse) {
  EXPECT_EQ(passed("data: {\"choices\":[],\"prompt_progress\":{\"total\":9,\"processed\":3}}\n\n"), "");
  EXPECT_EQ(passed("data: {\"prompt_progress\":{},\"choices\":[{\"delta\":{}}]}\n\n"), "");
}

TEST(WithoutProgress, TheRoleComesAgainWithTheFirstToken) {
  EXPECT_EQ(passed(R"(data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null}}],"id":"x",)"
                   R"("prompt_progress":{"total":9}})"
                   "\n\n"),
            "");
}

TEST(WithoutProgress, ContentStays) {
  EXPECT_EQ(passed(R"(data: {"choices":[{"index":0,"delta":{"content":"a"}}],"prompt_progress":{"total":9}})"
                   "\n\n"),
            R"(data: {"choices":[{"index":0,"delta":{"content":"a"}}]})"
            "\n\n");
  EXPECT_EQ(passed(R"(data: {"choices":[{"text":" b"}],"prompt_progress":{}})"
                   "\n\n"),
            R"(data: {"choices":[{"text":" b"}]})"
            "\n\n");
}

TEST(WithoutProgress, EverythingElsePassesAsItCame) {
  for (const std::string_view event :
       {std::string_view(
            "data: {\"choices\":[{\"delta\":{\"content\":\"a \\\"prompt_progress\\\" b\"}}]}\n\n"),
        std::string_view("data: {\"choices\":[{\"delta\":{\"content\":\"prompt_progress\"}}]}\r\n\r\n"),
        std::string_view(": \"prompt_progress\"\n\n"), std::string_view("data: [DONE]\n\n"),
        std::string_view("data: {\"prompt_progress\" broken\n\n"),
        std::string_view("data: {\"choices\":[{\"prompt_progress\":1}]}\n\n")}) {
    EXPECT_EQ(passed(event), event);
  }
}

}  // namespace
}  // namespace punctual::dialects
