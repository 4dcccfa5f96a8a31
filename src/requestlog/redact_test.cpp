#include "requestlog/redact.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "requestlog/contents.hpp"

namespace punctual::requestlog {
namespace {

// Put together here, so that no scanner takes this file for a leak.
const std::string letters = "abcdefghij0123456789ABCDEFGHIJ";

TEST(Redaction, TakesOutWhatHasAForm) {
  const std::vector<std::pair<std::string, std::string>> samples = {
      {"my key is sk-" + letters + ".", "my key is [redacted:api_key]"},
      {"sk-proj-" + letters + "_x", "[redacted:api_key]"},
      {"sk-ant-api03-" + letters, "[redacted:api_key]"},
      {"ghp_" + letters + " and gsk_" + letters, "[redacted:api_key] and [redacted:api_key]"},
      {"AIza" + letters, "[redacted:api_key]"},
      {"Authorization: Bearer " + letters, "Authorization: [redacted:bearer]"},
      {"eyJ" + letters + "." + letters + "." + letters, "[redacted:jwt]"},
      {"AKIA" + std::string("ABCDEFGHIJKLMNOP") + " is it", "[redacted:aws_key] is it"},
      {"aws_secret_access_key = " + letters + "0123456789", "[redacted:aws_key]"},
      {"write to jane.doe+x@mail.example.com!", "write to [redacted:email]!"},
      {"card 4111 1111 1111 1111 12/29", "card [redacted:card] 12/29"},
      {"5500-0000-0000-0004", "[redacted:card]"},
      {"378282246310005,", "[redacted:card],"},
      {"7 4111111111111111", "7 [redacted:card]"},
      {"-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----\nrest",
       "[redacted:private_key]\nrest"},
      {"-----BEGIN PRIVATE KEY-----\nMIIEabc", "[redacted:private_key]"},
  };
  for (const auto& [text, wanted] : samples)
    EXPECT_EQ(redact(text), wanted) << text;
}

TEST(Redaction, LeavesTheRest) {
  for (const std::string text :
       {"", "sk-short", "the ask-me-anything-session-of-today", "task-oriented", "bearer of bad news",
        "4111 1111 1111 1112", "1700000000000000", "call 0170 1234567", "user@localhost", "a @ b.com",
        "eyJ.not.one", "-----BEGIN PUBLIC KEY-----", "AKIA", "skeleton", "3.14159265358979323846"})
    EXPECT_EQ(redact(text), text);
}

TEST(Redaction, TakesLinearTime) {
  std::string text(400'000, 'a');
  for (std::size_t i = 0; i < text.size(); i += 7)
    text[i] = "@.-e4 "[i % 6];
  EXPECT_FALSE(redact(text).empty());
}

RC_GTEST_PROP(Redaction, FindsAKeyAnywhere, (const std::string& before, const std::string& after)) {
  const auto redacted = redact(before + " sk-" + letters + " " + after);
  RC_ASSERT(redacted.find(letters) == std::string::npos);
}

TEST(Contents, AreCutBehindTheirRedaction) {
  const std::string key = "sk-" + letters;
  const std::string text = std::string(contents_bytes_max - 10, 'x') + " " + key;
  const auto kept = storable_contents(text);
  EXPECT_LE(kept.size(), contents_bytes_max);
  EXPECT_TRUE(kept.ends_with("[cut]"));
  EXPECT_EQ(kept.find("sk-a"), std::string::npos);
  EXPECT_EQ(storable_contents("plain"), "plain");
}

}  // namespace
}  // namespace punctual::requestlog
