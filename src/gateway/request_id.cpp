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

std::string RequestIds::next(deadline::WallTime now) {
  std::string id;
  write_next(id, now);
  return id;
}

void RequestIds::write_next(std::string& id, deadline::WallTime now) {
  constexpr std::string_view digits = "0123456789abcdefghjkmnpqrstvwxyz";
  constexpr std::size_t digits_of_time = 10;
  constexpr std::size_t digits_of_a_number = 8;
  char text[] = "req_..........................";
  char* const time = text + 4;
  auto milliseconds = static_cast<std::uint64_t>(now.time_since_epoch().count()) / 1'000'000;
  for (std::size_t i = digits_of_time; i-- > 0; milliseconds >>= 5)
    time[i] = digits[milliseconds & 31];
  char* at = time + digits_of_time;
  for (int number = 0; number < 2; ++number) {
    std::uint64_t bits = random_();
    for (std::size_t i = 0; i < digits_of_a_number; ++i, bits >>= 5)
      *at++ = digits[bits & 31];
  }
  id.assign(text, sizeof text - 1);
}

}  // namespace punctual::gateway
