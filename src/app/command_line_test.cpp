#include "app/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/config_check.hpp"
#include "config/test_support.hpp"

namespace punctual::app {
namespace {

using ::testing::HasSubstr;

struct Run {
  int code = 0;
  std::string out;
  std::string err;
};

Run run_with(std::vector<std::string> words) {
  words.insert(words.begin(), "punctual");
  std::vector<char*> arguments;
  for (auto& word : words)
    arguments.push_back(word.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Run run;
  run.code = app::run(static_cast<int>(arguments.size()), arguments.data());
  run.out = testing::internal::GetCapturedStdout();
  run.err = testing::internal::GetCapturedStderr();
  return run;
}

TEST(CommandLine, TellsTheVersionAndHelp) {
  EXPECT_THAT(run_with({"--version"}).out, HasSubstr("punctual "));
  const auto help = run_with({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, HasSubstr("serve"));
}

TEST(CommandLine, IsWrongWithTwo) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {}, {"sevre"}, {"serve", "--prot", "1"}, {"serve", "--threads", "many"}, {"config"}}) {
    const auto wrong = run_with(words);
    EXPECT_EQ(wrong.code, 2);
    EXPECT_FALSE(wrong.err.empty());
  }
}

TEST(CommandLine, ChecksAGoodFile) {
  const config::TemporaryFile file("[timeouts]\nchat_seconds = 60\n", 0644);
  const auto checked = run_with({"config", "check", file.path()});
  EXPECT_EQ(checked.code, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr(file.path() + " is good: 0 providers, 0 rules"));
}

TEST(CommandLine, ChecksABadFile) {
  const config::TemporaryFile file("[timeouts]\nchat_seconds = -1\nchatt = 2\n", 0644);
  const auto checked = run_with({"config", "check", file.path()});
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(checked.err, HasSubstr("timeouts.chat_seconds"));
  EXPECT_THAT(checked.err, HasSubstr("chatt"));
}

TEST(CommandLine, NamesAFileThatIsMissing) {
  const auto checked = run_with({"config", "check", "/nowhere/punctual.toml"});
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(checked.err, HasSubstr("/nowhere/punctual.toml"));
}

TEST(LoadStartup, TakesTheDefaultsWithoutAFile) {
  const auto base = read_base("", config::Environment{});
  ASSERT_TRUE(base);
  const auto startup = load_startup(*base);
  ASSERT_NE(startup, nullptr);
  EXPECT_EQ(startup->timeouts.chat.duration, std::chrono::seconds(900));
}

TEST(LoadStartup, LetsTheEnvironmentRankAboveTheFile) {
  const config::TemporaryFile file("[timeouts]\nchat_seconds = 60\n", 0644);
  const auto base = read_base(file.path(), config::variables({{"PUNCTUAL_TIMEOUT_CHAT_SECONDS", "7"}}));
  ASSERT_TRUE(base);
  const auto startup = load_startup(*base);
  ASSERT_NE(startup, nullptr);
  EXPECT_EQ(startup->timeouts.chat.duration, std::chrono::seconds(7));
}

}  // namespace
}  // namespace punctual::app
