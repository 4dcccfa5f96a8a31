// Any bytes as a request of Messages and as the answer of a chat: nothing that is written is anything but
// JSON and whole events, and blocks are opened and closed in order.
#include "dialects/translation_fuzzing.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using punctual::dialects::Format;
  punctual::dialects::fuzz_pair(Format::messages, Format::chat_completions,
                                std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
