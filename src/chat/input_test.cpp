#include "chat/input.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace punctual::chat {
namespace {

using testing::HasSubstr;

settings::Result<Input> read(std::string_view body) {
  return read_input(boost::json::parse(body).as_object(), config::Chat());
}

// "field message" of each.
std::vector<std::string> mistakes(std::string_view body) {
  std::vector<std::string> all;
  const auto input = read(body);
  if (input) return all;
  all.reserve(input.error().fields.size());
  for (const auto& field : input.error().fields)
    all.push_back(field.field + " " + field.message);
  return all;
}

TEST(ChatInput, ReadsAll) {
  const auto input = read(
      R"({"model":"m","data_source":"data_1","temperature":0.5,"max_tokens":7,"limits":{"request_seconds":9.5,)"
      R"("model_call_seconds":120,"rounds_max":2},"messages":[{"role":"system","content":"Be short."},{"role":"user",)"
      R"("content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}]})");
  ASSERT_TRUE(input) << input.error().message;
  EXPECT_EQ(input->model, "m");
  EXPECT_EQ(input->messages.size(), 2U);
  EXPECT_EQ(input->data_source, "data_1");
  EXPECT_EQ(input->temperature, 0.5);
  EXPECT_EQ(input->max_tokens, 7);
  EXPECT_EQ(input->wishes.request_seconds, 9.5);
  EXPECT_EQ(input->wishes.rounds_max, 2U);
}

TEST(ChatInput, NamesEveryMistake) {
  EXPECT_THAT(mistakes("{}"), testing::ElementsAre("model is missing", "messages is missing"));
  const std::string start = R"({"model":"m","messages":[{"role":"user","content":"x"}])";
  const auto one = [&](const std::string& more) {
    const auto all = mistakes(start + more + "}");
    return all.size() == 1 ? all[0] : std::to_string(all.size()) + " mistakes";
  };
  EXPECT_THAT(one(R"(,"temperature":3)"), HasSubstr("temperature is 3: give a number from 0 to 2"));
  EXPECT_THAT(one(R"(,"max_tokens":0)"), HasSubstr("max_tokens is 0: give a whole number above 0"));
  EXPECT_THAT(one(R"(,"data_source":7)"), HasSubstr("data_source is 7"));
  EXPECT_THAT(one(R"(,"tools":[])"), HasSubstr("tools is not known"));
  EXPECT_THAT(one(R"(,"limits":{"rounds_max":9})"),
              HasSubstr("limits.rounds_max is 9: give a whole number from 1 to 8"));
  EXPECT_THAT(one(R"(,"limits":{"model_call_seconds":0})"), HasSubstr("limits.model_call_seconds is 0"));
  EXPECT_THAT(one(R"(,"limits":{"browser_seconds":1})"), HasSubstr("limits.browser_seconds is not known"));
  const auto message = [&](const std::string& text) {
    const auto all = mistakes(R"({"model":"m","messages":[)" + text + "]}");
    return all.empty() ? "none" : all[0];
  };
  EXPECT_THAT(message(R"({"role":"tool","content":"x"})"), HasSubstr("messages[0].role is \"tool\""));
  EXPECT_THAT(message(R"({"role":"user"})"), HasSubstr("messages[0].content is missing"));
  EXPECT_THAT(message(R"({"role":"user","content":5})"), HasSubstr("messages[0].content is 5"));
  EXPECT_THAT(
      message(R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/a.png"}}]})"),
      HasSubstr("messages[0].content[0].image_url.url is no image of ours"));
  EXPECT_THAT(message(R"({"role":"user","content":[{"type":"file"}]})"),
              HasSubstr("messages[0].content[0].type"));
  EXPECT_THAT(message(R"({"role":"user","content":"x","name":"y"})"),
              HasSubstr("messages[0].name is not known"));
  EXPECT_THAT(message(R"({"role":"system","content":"x"})"), HasSubstr("end with a system message"));
  EXPECT_THAT(message(""), HasSubstr("messages is []"));
}

}  // namespace
}  // namespace punctual::chat
