#include "dialects/errors.hpp"

#include <gtest/gtest.h>

#include "dialects/translation_testing.hpp"

namespace punctual::dialects {
namespace {

struct Case {
  Format to;
  int status;
  const char* body;
  const char* wanted;
};

constexpr auto messages = Format::messages;
constexpr auto chat = Format::chat_completions;

const Case cases[] = {
    {messages, 429,
     R"({"error":{"message":"slow","type":"requests","param":null,"code":"rate_limit_exceeded"}})",
     R"({"type":"error","error":{"type":"rate_limit_error","message":"slow","code":"rate_limit_exceeded"},"request_id":"r"})"},
    {messages, 429, R"({"error":{"message":"pay","type":"insufficient_quota","code":"insufficient_quota"}})",
     R"({"type":"error","error":{"type":"billing_error","message":"pay","code":"insufficient_quota"},"request_id":"r"})"},
    {messages, 400,
     R"({"error":{"message":"long","type":"invalid_request_error","param":"messages","more":[1]}})",
     R"({"type":"error","error":{"type":"invalid_request_error","message":"long","param":"messages","more":[1]},"request_id":"r"})"},
    {messages, 404, R"({"error":{"message":"no","type":"invalid_request_error"}})",
     R"({"type":"error","error":{"type":"not_found_error","message":"no"},"request_id":"r"})"},
    {messages, 503, "down",
     R"({"type":"error","error":{"type":"overloaded_error","message":"down"},"request_id":"r"})"},
    {messages, 500, "", nullptr},
    {messages, 422, R"({"detail":[{"loc":"x"}]})",
     R"({"type":"error","error":{"type":"invalid_request_error","message":"[{\"loc\":\"x\"}]"},"request_id":"r"})"},
    {messages, 400, R"({"object":"error","message":"m","type":"BadRequestError","code":400})",
     R"({"type":"error","error":{"type":"invalid_request_error","message":"m","code":400},"request_id":"r"})"},
    {chat, 529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
     R"({"error":{"message":"Overloaded","type":"server_error","param":null,"code":"overloaded"}})"},
    {chat, 401, R"({"type":"error","error":{"type":"authentication_error","message":"key"}})",
     R"({"error":{"message":"key","type":"authentication_error","param":null,"code":"invalid_api_key"}})"},
    {chat, 400,
     R"({"type":"error","error":{"type":"invalid_request_error","message":"m","details":{"a":1}}})",
     R"({"error":{"message":"m","type":"invalid_request_error","param":null,"code":null,"details":{"a":1}}})"},
    {Format::responses, 400, R"({"error":{"message":"m","type":"t","param":"p","code":"c"}})",
     R"({"error":{"message":"m","type":"t","param":"p","code":"c"}})"},
    {chat, 502, "<html>\xff",
     "{\"error\":{\"message\":\"<html>\xef\xbf\xbd\",\"type\":\"server_error\",\"param\":null,\"code\":"
     "\"internal_error\"}}"},
};

TEST(TranslateError, HasTheOtherForm) {
  for (const auto& test : cases) {
    SCOPED_TRACE(test.body);
    const Format from = test.to == messages ? chat : messages;
    const auto document = translate_error(from, test.to, test.status, test.body, "r");
    if (test.wanted) EXPECT_EQ(parsed(document), parsed(test.wanted)) << document;
    EXPECT_TRUE(parsed(document).is_object());
  }
}

TEST(TranslateError, IsBounded) {
  const std::string text(100000, 'x');
  EXPECT_LT(translate_error(chat, messages, 500, text, "r").size(), error_message_bytes_max + 200);
  EXPECT_LT(translate_error(chat, messages, 500, R"({"error":")" + text + "\"}", "r").size(),
            error_message_bytes_max + 200);
}

TEST(TranslateRequest, OfTwoFormatsThatNobodyTranslates) {
  std::string body = R"({"model":"m"})";
  json::Reader reader;
  EXPECT_FALSE(translate_request(messages, messages, body, "m", reader));
  std::string out;
  const auto translator = make_answer_translator(messages, messages, {});
  translator->event("data: {}\n\n", out);
  EXPECT_FALSE(translator->end(out));
  EXPECT_FALSE(translator->document("{}"));
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace punctual::dialects
