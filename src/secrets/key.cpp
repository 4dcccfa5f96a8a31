#include "secrets/key.hpp"

#include <sodium.h>

namespace punctual::secrets {

namespace {

std::string_view without_space_around(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

bool decode(std::string_view text, std::span<unsigned char, Key::bytes> out) {
  std::size_t size = 0;
  constexpr std::size_t hex_digits = 2 * Key::bytes;
  if (text.size() == hex_digits) {
    return sodium_hex2bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, nullptr) == 0 &&
           size == Key::bytes;
  }
  if (text.ends_with('=')) text.remove_suffix(1);
  for (const int variant :
       {sodium_base64_VARIANT_ORIGINAL_NO_PADDING, sodium_base64_VARIANT_URLSAFE_NO_PADDING}) {
    const char* end = nullptr;
    if (sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, &end, variant) ==
            0 &&
        size == Key::bytes && end == text.data() + text.size())
      return true;
  }
  return false;
}

}  // namespace

void Key::Free::operator()(unsigned char* data) const {
  sodium_free(data);  // wipes it first
}

std::expected<Key, Error> Key::allocate() {
  if (sodium_init() < 0)
    return std::unexpected(Error{ErrorKind::unavailable, "the system gives no random bytes"});
  Key key;
  key.data_.reset(static_cast<unsigned char*>(sodium_malloc(bytes)));
  if (!key.data_) return std::unexpected(Error{ErrorKind::unavailable, "no memory for a key: free some"});
  return key;
}

void Key::freeze() {
  sodium_mprotect_readonly(data_.get());
}

std::expected<Key, Error> Key::random() {
  return make([](std::span<unsigned char, bytes> out) {
    randombytes_buf(out.data(), out.size());
    return true;
  });
}

std::expected<Key, Error> Key::parse(std::string_view text) {
  bool decoded = false;
  auto key = make([&](std::span<unsigned char, bytes> out) {
    decoded = decode(without_space_around(text), out);
    return true;
  });
  if (key && !decoded) {
    return std::unexpected(Error{ErrorKind::invalid_key,
                                 "is not a key: give 32 random bytes as 64 hex digits or as base64, as "
                                 "`openssl rand -base64 32` does"});
  }
  return key;
}

}  // namespace punctual::secrets
