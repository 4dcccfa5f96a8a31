// Text that must not reach a log, an error or a dump: an API key.
//
// Owns its text, moves but does not copy, and overwrites it at its end. It cannot be printed or compared;
// `reveal` is the only way to the text, so that a search for it finds every use.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace punctual::config {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(Secret&& other) noexcept { text_.swap(other.text_); }
  Secret& operator=(Secret&& other) noexcept {
    text_.swap(other.text_);
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  bool empty() const { return text_.empty(); }

  // Valid as long as this Secret stays where it is.
  std::string_view reveal() const { return text_; }

  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

 private:
  std::string text_;
};

}  // namespace punctual::config
