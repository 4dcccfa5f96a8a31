#include <gtest/gtest.h>

#include <ctime>

#include "dialects/translation_testing.hpp"

namespace punctual::dialects {
namespace {

constexpr int count = 500'000;

double cpu_nanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

void tell(const char* what, Format upstream, Format client, std::string_view event,
          std::string_view before = {}) {
  const auto translator = make_answer_translator(upstream, client, context());
  std::string out;
  translator->event(before, out);
  std::size_t bytes = 0;
  const double begin = cpu_nanoseconds();
  for (int i = 0; i < count; ++i) {
    out.clear();
    translator->event(event, out);
    bytes += out.size();
  }
  std::printf("%-28s %6.0f ns CPU per event of %zu bytes (%zu out)\n", what,
              (cpu_nanoseconds() - begin) / count, event.size(), bytes / count);
}

TEST(TranslationFigures, DISABLED_CostOfAnEvent) {
  tell(
      "chat to messages, text", Format::chat_completions, Format::messages,
      R"(data: {"id":"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012","object":"chat.completion.chunk","created":1741569952,)"
      R"("model":"gpt-4.1-2025-04-14","service_tier":"default","system_fingerprint":"fp_b376dfbbd5","choices":[{"index":0,)"
      R"("delta":{"content":" understanding"},"logprobs":null,"finish_reason":null}],"obfuscation":"Xy7"})"
      "\n\n");
  tell(
      "messages to chat, text", Format::messages, Format::chat_completions,
      "event: content_block_delta\n"
      R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" understanding"}})"
      "\n\n");
  tell(
      "messages to chat, arguments", Format::messages, Format::chat_completions,
      "event: content_block_delta\n"
      R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}})"
      "\n\n",
      R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f"}})"
      "\n\n");
}

}  // namespace
}  // namespace punctual::dialects
