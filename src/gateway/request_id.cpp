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
  std::string id;
  write_next(id);
  return id;
}

void RequestIds::write_next(std::string& id) {
  constexpr std::string_view digits = "0123456789abcdefghjkmnpqrstvwxyz";
  constexpr std::size_t digits_of_a_number = 12;
  char text[] = "req_..........................";
  char* at = text + 4;
  char* const end = text + sizeof text - 1;
  while (at < end) {
    std::uint64_t bits = random_();
    for (char* const stop = std::min(at + digits_of_a_number, end); at < stop; bits >>= 5)
      *at++ = digits[bits & 31];
  }
  id.assign(text, sizeof text - 1);
}

}  // namespace punctual::gateway
