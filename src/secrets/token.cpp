#include "secrets/token.hpp"

#include <sodium.h>

namespace punctual::secrets {

namespace {

constexpr std::size_t random_bytes = 32;

const char* label_of(Purpose purpose) {
  static_assert(crypto_generichash_blake2b_PERSONALBYTES == 16);
  switch (purpose) {
    case Purpose::session:
      return "punctual session";
    case Purpose::api_key:
      return "punctual api key";
    case Purpose::setup:
      return "punctual set-up ";
    case Purpose::administrator:
      return "punctual adminis";
  }
  return "punctual unknown";
}

}  // namespace

config::Secret new_token(Purpose purpose) {
  std::array<unsigned char, random_bytes> random{};
  randombytes_buf(random.data(), random.size());
  constexpr std::size_t size =
      sodium_base64_ENCODED_LEN(random_bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  const std::string_view prefix = purpose == Purpose::api_key ? api_key_prefix : std::string_view();
  std::string text(prefix.size() + size, '\0');
  prefix.copy(text.data(), prefix.size());
  sodium_bin2base64(text.data() + prefix.size(), size, random.data(), random.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();
  sodium_memzero(random.data(), random.size());
  config::Secret token(std::move(text));
  return token;
}

TokenHash hash_of(Purpose purpose, std::string_view token) {
  TokenHash hash{};
  crypto_generichash_blake2b_salt_personal(
      hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(token.data()), token.size(), nullptr,
      0, nullptr, reinterpret_cast<const unsigned char*>(label_of(purpose)));
  return hash;
}

bool equal(const TokenHash& left, const TokenHash& right) {
  return sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string text_of(const TokenHash& hash) {
  std::string text(hash.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
  text.pop_back();
  return text;
}

std::string new_id(std::string_view kind) {
  constexpr std::string_view digits = "0123456789abcdefghjkmnpqrstvwxyz";
  static_assert(digits.size() == 32);
  std::array<unsigned char, 20> random{};
  randombytes_buf(random.data(), random.size());
  std::string id(kind);
  id.push_back('_');
  for (const unsigned char byte : random)
    id.push_back(digits[byte & 31]);
  return id;
}

}  // namespace punctual::secrets
