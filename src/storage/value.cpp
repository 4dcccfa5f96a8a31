#include "storage/value.hpp"

#include <cassert>

namespace punctual::storage {

namespace {

const std::string no_text;
const Blob no_blob;

// The bytes of the character that begins at `at`, or 0 if it is NUL or no UTF-8 (RFC 3629).
std::size_t character_bytes(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t offset) {
    return at + offset < text.size() ? static_cast<unsigned char>(text[at + offset]) : 0U;
  };
  const auto follows = [&](std::size_t offset, unsigned low, unsigned high) {
    return byte(offset) >= low && byte(offset) <= high;
  };
  const unsigned first = byte(0);
  if (first == 0) return 0;
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return follows(1, 0x80, 0xbf) ? 2 : 0;
  if (first < 0xf0) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = first == 0xed ? 0x9f : 0xbf;
    return follows(1, low, high) && follows(2, 0x80, 0xbf) ? 3 : 0;
  }
  if (first > 0xf4) return 0;
  const unsigned low = first == 0xf0 ? 0x90 : 0x80;
  const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
  return follows(1, low, high) && follows(2, 0x80, 0xbf) && follows(3, 0x80, 0xbf) ? 4 : 0;
}

// Without an early end, so that the compiler looks at many bytes at once.
bool is_plain(std::string_view text) {
  bool odd = false;
  for (const char c : text)
    odd |= static_cast<signed char>(c) <= 0;
  return !odd;
}

template <class T>
const T* as(const Value& value) {
  const T* found = std::get_if<T>(&value);
  assert((found || std::holds_alternative<std::monostate>(value)) && "a column of another type");
  return found;
}

template <class T>
std::optional<T> as_optional(const Value& value) {
  const T* found = as<T>(value);
  return found ? std::optional<T>(*found) : std::nullopt;
}

}  // namespace

bool is_storable_text(std::string_view text) {
  if (is_plain(text)) return true;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = character_bytes(text, at);
    if (bytes == 0) return false;
    at += bytes;
  }
  return true;
}

std::string storable_text(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = character_bytes(text, at);
    result.append(bytes == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(at, bytes));
    at += bytes == 0 ? 1 : bytes;
  }
  return result;
}

Blob blob_of(std::string_view bytes) {
  const auto* first = reinterpret_cast<const std::byte*>(bytes.data());
  return {first, first + bytes.size()};
}

std::string_view bytes_of(const Blob& blob) {
  return {reinterpret_cast<const char*>(blob.data()), blob.size()};
}

const Value& Row::value(std::size_t column) const {
  assert(column < size_);
  return first_[column];
}

bool Row::is_null(std::size_t column) const {
  return std::holds_alternative<std::monostate>(value(column));
}

std::int64_t Row::integer(std::size_t column) const {
  return optional_integer(column).value_or(0);
}

double Row::real(std::size_t column) const {
  return optional_real(column).value_or(0);
}

const std::string& Row::text(std::size_t column) const {
  const auto* found = as<std::string>(value(column));
  return found ? *found : no_text;
}

const Blob& Row::blob(std::size_t column) const {
  const auto* found = as<Blob>(value(column));
  return found ? *found : no_blob;
}

std::optional<std::int64_t> Row::optional_integer(std::size_t column) const {
  return as_optional<std::int64_t>(value(column));
}

std::optional<double> Row::optional_real(std::size_t column) const {
  if (const auto* integer = std::get_if<std::int64_t>(&value(column))) return static_cast<double>(*integer);
  return as_optional<double>(value(column));
}

std::optional<std::string> Row::optional_text(std::size_t column) const {
  return as_optional<std::string>(value(column));
}

std::optional<Blob> Row::optional_blob(std::size_t column) const {
  return as_optional<Blob>(value(column));
}

}  // namespace punctual::storage
