#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/test_support.hpp"

namespace punctual::config {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

TEST(ChatSection, HasTheChainOfThreeByDefault) {
  const auto configuration = load("", "", {});
  const Chat& chat = (*configuration)->chat;
  EXPECT_EQ(chat.model_call.duration, seconds(120));
  EXPECT_EQ(chat.browser.duration, seconds(180));
  EXPECT_EQ(chat.request.duration, seconds(300));
  EXPECT_EQ(chat.rounds_max, 8U);
  EXPECT_EQ(chat.rounds_source.text(), "default");
}

TEST(ChatSection, FileThenVariable) {
  const auto loaded =
      load("[chat]\nmodel_call_seconds = 1.5\nbrowser_seconds = 2\nrequest_seconds = 3\nrounds_max = 4\n",
           "test.toml", variables({{"PUNCTUAL_CHAT_ROUNDS_MAX", "5"}}));
  ASSERT_TRUE(loaded) << all_errors(loaded);
  const Chat& chat = (*loaded)->chat;
  EXPECT_EQ(chat.model_call.duration, std::chrono::milliseconds(1500));
  EXPECT_EQ(chat.request.source.text(), "file chat.request_seconds");
  EXPECT_EQ(chat.rounds_max, 5U);
  EXPECT_EQ(chat.rounds_source.text(), "environment PUNCTUAL_CHAT_ROUNDS_MAX");
  EXPECT_TRUE((*loaded)->notices.empty());
}

TEST(ChatSection, RefusesWhatIsNoLimit) {
  EXPECT_THAT(errors_of("[chat]\nmodel_call_seconds = 0\nrounds_max = 0\nround_max = 3\n"),
              ElementsAre(testing::HasSubstr("test.toml:2: chat.model_call_seconds: is 0"),
                          "test.toml:3: chat.rounds_max: is 0: give a whole number from 1 to 64",
                          testing::HasSubstr("test.toml:4: chat.round_max")));
  EXPECT_THAT(errors_of("[chat]\nrounds_max = 65\n"),
              ElementsAre("test.toml:2: chat.rounds_max: is 65: give a whole number from 1 to 64"));
}

}  // namespace
}  // namespace punctual::config
