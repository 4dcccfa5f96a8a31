// Memory for coroutine frames: what one coroutine frees, the next of its size takes, without the heap.
//
// Per thread, in classes of 64 bytes up to 4 KiB; at most `kept_max` free frames a class are kept. A frame
// may be freed on another thread than its own. Under AddressSanitizer every frame is from the heap, so that
// misuse shows.
#pragma once

#include <cstddef>

namespace punctual::base {

class FramePool {
 public:
  static constexpr std::size_t kept_max = 64;

  static void* allocate(std::size_t bytes);
  static void free(void* frame, std::size_t bytes) noexcept;
};

}  // namespace punctual::base
