// What an event costs, for who asks: --gtest_also_run_disabled_tests --gtest_filter='*DialectFigures*'
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

#include "dialects/assembler.hpp"
#include "dialects/responses_testing.hpp"

namespace punctual::dialects {
namespace {

constexpr int count = 400'000;
constexpr std::string_view event =
    R"(data: {"id":"chatcmpl-abcdef","object":"chat.completion.chunk","created":1700000000,"model":"qwen","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}]})"
    "\n\n";

template <class Work>
void tell(const char* what, Work work) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i)
    work();
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
  std::printf("%-30s %6.0f ns per event\n", what, taken.count() / count);
}

TEST(DialectFigures, DISABLED_CostOfAnEvent) {
  const auto answer = make_chat_to_responses_answer(responses_context());
  std::string out;
  tell("chat to Responses", [&] {
    out.clear();
    answer->event(event, out);
  });
  const auto assembler = make_assembler(StreamKind::chat_completions);
  tell("chat assembled", [&] { ASSERT_TRUE(assembler->event(event)); });
  EXPECT_FALSE(out.empty());
}

}  // namespace
}  // namespace punctual::dialects
