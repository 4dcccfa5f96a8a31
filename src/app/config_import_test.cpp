#include "app/config_import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/loader.hpp"
#include "config/test_support.hpp"

namespace punctual::app {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(OldTimeouts, AreThoseThatAreSet) {
  const auto timeouts = old_timeouts(config::variables({{"MLX_SERVER_TIMEOUT_CHAT_SECONDS", " 1200 "},
                                                        {"MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS", "45.5"},
                                                        {"MLX_SERVER_PORT", "1"}}));
  ASSERT_TRUE(timeouts);
  ASSERT_EQ(timeouts->size(), 2u);
  EXPECT_EQ((*timeouts)[0].name, "chat_seconds");
  EXPECT_EQ((*timeouts)[0].variable, "MLX_SERVER_TIMEOUT_CHAT_SECONDS");
  EXPECT_EQ((*timeouts)[0].seconds, 1200);
  EXPECT_EQ(timeouts_toml(*timeouts), "[timeouts]\nchat_seconds = 1200\nembeddings_seconds = 45.5\n");
}

TEST(OldTimeouts, AreASectionThatTheLoaderTakes) {
  const auto timeouts = old_timeouts(config::variables({{"MLX_SERVER_TIMEOUT_CHAT_SECONDS", "0.000001"},
                                                        {"MLX_SERVER_TIMEOUT_COMPLETIONS_SECONDS", "7200"},
                                                        {"MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS", "1e3"}}));
  ASSERT_TRUE(timeouts);
  const auto loaded = config::load(timeouts_toml(*timeouts), "a.toml", config::Environment{});
  ASSERT_TRUE(loaded);
  EXPECT_EQ((*loaded)->timeouts.chat.duration, std::chrono::microseconds(1));
  EXPECT_EQ((*loaded)->timeouts.completions.duration, std::chrono::hours(2));
  EXPECT_EQ((*loaded)->timeouts.embeddings.duration, std::chrono::seconds(1000));
}

TEST(OldTimeouts, AreAllNamedThatAreWrong) {
  for (const char* value : {"", "soon", "0", "-1", "nan", "inf", "1e999", "900s", "0x10"}) {
    const auto timeouts = old_timeouts(config::variables({{"MLX_SERVER_TIMEOUT_CHAT_SECONDS", value},
                                                          {"MLX_SERVER_TIMEOUT_COMPLETIONS_SECONDS", "600"},
                                                          {"MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS", "x"}}));
    ASSERT_FALSE(timeouts) << value;
    EXPECT_THAT(timeouts.error(),
                ElementsAre(AllOf(HasSubstr("MLX_SERVER_TIMEOUT_CHAT_SECONDS is \"" + std::string(value)),
                                  HasSubstr("unset it")),
                            HasSubstr("MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS")));
  }
}

TEST(ConfigImport, PrintsTheSection) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(import_configuration({}, config::variables({{"MLX_SERVER_TIMEOUT_CHAT_SECONDS", "30"}})), 0);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "[timeouts]\nchat_seconds = 30\n");
}

TEST(ConfigImport, SaysWhenThereIsNothing) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(import_configuration({}, config::Environment{}), 1);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr("nothing to import"), HasSubstr("MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS")));
}

}  // namespace
}  // namespace punctual::app
