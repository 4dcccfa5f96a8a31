// Any bytes as a request of a chat and as the answer of Messages: nothing that is written is anything but
// JSON and whole events.
#include "dialects/translation_fuzzing.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using punctual::dialects::Format;
  punctual::dialects::fuzz_pair(Format::chat_completions, Format::messages,
                                std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
