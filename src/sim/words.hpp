// The deterministic text of answers: "tok1 tok2 tok3", or from another number on.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace punctual::sim {

// The word of token `index` (from 0), with the space that parts it from the one before; `from` is added to
// its number. Lives in itself.
class Word {
 public:
  Word(std::string_view stem, std::uint64_t index, std::uint64_t from = 0) {
    if (index > 0) text_[size_++] = ' ';
    size_ += stem.copy(text_ + size_, stem_bytes_max);
    size_ = static_cast<std::size_t>(
        std::to_chars(text_ + size_, text_ + sizeof text_, from + index + 1).ptr - text_);
  }
  std::string_view text() const { return {text_, size_}; }

 private:
  static constexpr std::size_t stem_bytes_max = 16;
  char text_[stem_bytes_max + 24];
  std::size_t size_ = 0;
};

inline constexpr std::string_view content_stem = "tok";
inline constexpr std::string_view reasoning_stem = "think";

inline std::string words(std::string_view stem, std::uint64_t count, std::uint64_t from = 0) {
  std::string text;
  text.reserve(static_cast<std::size_t>(count) * (stem.size() + 4));
  for (std::uint64_t i = 0; i < count; ++i)
    text.append(Word(stem, i, from).text());
  return text;
}

}  // namespace punctual::sim
