#include "config/engine_key.hpp"

#include <random>
#include <string_view>

namespace punctual::config {

const std::string& engine_key() {
  static const std::string key = [] {
    constexpr std::string_view digits = "0123456789abcdef";
    std::random_device random;  // the kernel's
    std::string text;
    for (int i = 0; i < 64; ++i)
      text.push_back(digits[random() % digits.size()]);
    return text;
  }();
  return key;
}

}  // namespace punctual::config
