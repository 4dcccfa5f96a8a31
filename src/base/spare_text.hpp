// Memory for texts that live as long as a request or less: heads, bodies.
//
// What one request gives back the next takes, without the heap. Per thread; a few are kept, and none that
// grew larger than `bytes_max`. Under AddressSanitizer nothing is kept, so that misuse shows.
#pragma once

#include <cstddef>
#include <string>

namespace punctual::base {

class SpareText {
 public:
  static constexpr std::size_t kept_max = 64;
  static constexpr std::size_t bytes_max = 4096;

  // Empty, maybe with room.
  static std::string take();
  // Leaves `text` empty and without memory of its own.
  static void give(std::string& text) noexcept;
};

}  // namespace punctual::base
