#include "base/spare_text.hpp"

#include <array>
#include <utility>

namespace punctual::base {

namespace {

#ifdef __has_feature
constexpr bool keeps_none = __has_feature(address_sanitizer);
#else
constexpr bool keeps_none = false;
#endif

struct Shelf {
  std::array<std::string, SpareText::kept_max> texts;
  std::size_t count = 0;
};

thread_local Shelf mine;

}  // namespace

std::string SpareText::take() {
  Shelf& shelf = mine;
  if (shelf.count == 0) return {};
  return std::move(shelf.texts[--shelf.count]);
}

void SpareText::give(std::string& text) noexcept {
  const std::size_t room = text.capacity();
  if (room <= std::string().capacity()) return text.clear();
  Shelf& shelf = mine;
  if (keeps_none || shelf.count == kept_max || room > bytes_max) {
    std::string().swap(text);
    return;
  }
  text.clear();
  // What lies there was taken from, and has no memory.
  shelf.texts[shelf.count++].swap(text);
}

}  // namespace punctual::base
