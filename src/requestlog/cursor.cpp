#include "requestlog/cursor.hpp"

#include <array>

namespace punctual::requestlog {

namespace {

constexpr unsigned char version = 1;
constexpr std::size_t bytes = 17;
constexpr std::size_t characters = 23;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void put(unsigned char* to, std::int64_t number) {
  auto rest = static_cast<std::uint64_t>(number);
  for (std::size_t i = 8; i-- > 0; rest >>= 8U)
    to[i] = static_cast<unsigned char>(rest & 0xffU);
}

std::int64_t get(const unsigned char* from) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i)
    number = number << 8U | from[i];
  return static_cast<std::int64_t>(number);
}

}  // namespace

std::string Cursor::text() const {
  std::array<unsigned char, bytes> raw{};
  raw[0] = version;
  put(&raw[1], started);
  put(&raw[9], id);
  std::string out;
  unsigned int kept = 0;
  unsigned int bits = 0;
  for (const auto byte : raw) {
    kept = (kept << 8U | byte) & 0xfffU;
    for (bits += 8; bits >= 6; bits -= 6)
      out.push_back(alphabet[kept >> (bits - 6) & 0x3fU]);
  }
  out.push_back(alphabet[kept << (6 - bits) & 0x3fU]);
  return out;
}

std::optional<Cursor> Cursor::parse(std::string_view text) {
  if (text.size() != characters) return std::nullopt;
  std::array<unsigned char, bytes> raw{};
  std::size_t count = 0;
  unsigned int kept = 0;
  unsigned int bits = 0;
  for (const char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    kept = (kept << 6U | static_cast<unsigned int>(digit)) & 0xffffU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    raw[count++] = static_cast<unsigned char>(kept >> bits & 0xffU);
  }
  Cursor cursor{get(&raw[1]), get(&raw[9])};
  // What is left over must be zero: a cursor has one text.
  if (raw[0] != version || cursor.text() != text) return std::nullopt;
  return cursor;
}

}  // namespace punctual::requestlog
