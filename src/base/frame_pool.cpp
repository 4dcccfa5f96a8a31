#include "base/frame_pool.hpp"

#include <array>
#include <memory>
#include <new>

namespace punctual::base {

namespace {

#ifdef __has_feature
constexpr bool frames_from_heap = __has_feature(address_sanitizer);
#else
constexpr bool frames_from_heap = false;
#endif

constexpr std::size_t class_bytes = 64;
constexpr std::size_t class_count = 64;

struct Free {
  Free* next;
};

struct Shelf {
  Free* first = nullptr;
  std::size_t count = 0;
};

struct Shelves {
  std::array<Shelf, class_count> shelves;
  ~Shelves() {
    for (Shelf& shelf : shelves) {
      while (Free* frame = shelf.first) {
        shelf.first = frame->next;
        ::operator delete(frame);
      }
    }
  }
};

constexpr std::size_t class_of(std::size_t bytes) {
  return (bytes - 1) / class_bytes;
}

thread_local Shelves mine;

}  // namespace

void* FramePool::allocate(std::size_t bytes) {
  const std::size_t number = class_of(bytes);
  if (!frames_from_heap && number < class_count) {
    Shelf& shelf = mine.shelves[number];
    if (Free* frame = shelf.first) {
      shelf.first = frame->next;
      --shelf.count;
      return frame;
    }
    return ::operator new((number + 1) * class_bytes);
  }
  return ::operator new(bytes);
}

void FramePool::free(void* frame, std::size_t bytes) noexcept {
  const std::size_t number = class_of(bytes);
  if (!frames_from_heap && number < class_count) {
    Shelf& shelf = mine.shelves[number];
    if (shelf.count < kept_max) {
      shelf.first = std::construct_at(static_cast<Free*>(frame), shelf.first);
      ++shelf.count;
      return;
    }
  }
  ::operator delete(frame);
}

}  // namespace punctual::base
