// Any bytes as a model file: read without harm, never as larger than they are, and any estimate of it is
// finite.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "pool/gguf.hpp"
#include "pool/memory_estimate.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace punctual::pool;
  std::istringstream file(std::string(reinterpret_cast<const char*>(data), size));
  const auto gguf = parse_gguf(file, size, "fuzz.gguf");
  if (!gguf) {
    require(gguf.error().starts_with("fuzz.gguf "));
    return 0;
  }
  require(gguf->tensor_bytes <= gguf->file_bytes);
  require(gguf->name.size() <= 1024 && gguf->architecture.size() <= 1024);
  const auto estimate = estimate_memory(*gguf, {.slots = 4, .projector = &*gguf});
  require(estimate.total_bytes() >= 2 * gguf->file_bytes);
  require(in_words(estimate).size() < 300);
  return 0;
}
