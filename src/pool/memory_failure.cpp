#include "pool/memory_failure.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace punctual::pool {

namespace {

constexpr std::array<std::string_view, 12> words = {"out of memory",
                                                    "outofmemory",
                                                    "failed to allocate",
                                                    "unable to allocate",
                                                    "cannot allocate memory",
                                                    "can't allocate memory",
                                                    "bad_alloc",
                                                    "memoryerror",
                                                    "not enough memory",
                                                    "insufficient memory",
                                                    "no available memory for the cache blocks",
                                                    "free memory on device"};

bool says_so(std::string_view line) {
  std::string lower(line);
  for (char& c : lower)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::ranges::any_of(words, [&](std::string_view word) { return lower.contains(word); });
}

}  // namespace

bool ran_out_of_memory(std::string_view how, std::span<const std::string> last_lines) {
  return how.contains("SIGKILL") || std::ranges::any_of(last_lines, says_so);
}

}  // namespace punctual::pool
