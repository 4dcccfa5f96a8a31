#include "gateway/request_id.hpp"

#include <algorithm>

namespace punctual::gateway {

bool is_sane_request_id(std::string_view id) {
  constexpr std::size_t length_max = 128;
  return !id.empty() && id.size() <= length_max && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':';
  });
}

std::string RequestIds::next() {
  constexpr std::string_view digits = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string id = "req_";
  std::uint64_t bits = 0;
  for (int i = 0; i < 26; ++i) {
    if (i % 12 == 0) bits = random_();
    id.push_back(digits[bits & 31]);
    bits >>= 5;
  }
  return id;
}

}  // namespace punctual::gateway
