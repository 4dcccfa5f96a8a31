#include "dialects/token_estimate.hpp"

#include <gtest/gtest.h>

namespace punctual::dialects {
namespace {

std::uint64_t estimate(std::string text) {
  json::Reader reader;
  const auto document = reader.read(text);
  EXPECT_TRUE(document) << text;
  return estimated_input_tokens(*document);
}

TEST(TokenEstimate, CountsTextAndFrames) {
  EXPECT_EQ(estimate(R"({"model":"m","messages":[]})"), 0U);
  EXPECT_EQ(estimate(R"({"messages":[{"role":"user","content":"12345678"}]})"), 6U);
  EXPECT_EQ(
      estimate(R"({"system":"1234","messages":[{"role":"user","content":[{"type":"text","text":"1234"}]}]})"),
      6U);
}

TEST(TokenEstimate, CountsImagesAsOne) {
  const std::string data(100'000, 'A');
  EXPECT_EQ(
      estimate(
          R"({"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","data":")" +
          data + R"("}}]}]})"),
      1504U);
}

TEST(TokenEstimate, CountsToolsWithTheirSchemas) {
  const auto few = estimate(R"({"messages":[],"tools":[{"name":"f","input_schema":{"type":"object"}}]})");
  const auto more = estimate(
      R"({"messages":[],"tools":[{"name":"f","description":"What it does, at length","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]})");
  EXPECT_GT(few, 4U);
  EXPECT_GT(more, few + 10);
}

}  // namespace
}  // namespace punctual::dialects
