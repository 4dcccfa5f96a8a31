#include "secrets/password.hpp"

#include <sodium.h>

#include <array>

namespace punctual::secrets {

std::expected<Passwords, Error> Passwords::create(Cost cost) {
  if (sodium_init() < 0)
    return std::unexpected(Error{ErrorKind::unavailable, "the system gives no random bytes"});
  Passwords passwords(cost);
  std::array<char, 32> random{};
  randombytes_buf(random.data(), random.size());
  auto hash = passwords.hash({random.data(), random.size()});
  if (!hash) return std::unexpected(hash.error());
  passwords.hash_of_nobody_ = std::move(*hash);
  return passwords;
}

std::expected<std::string, Error> Passwords::hash(std::string_view password) const {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str(text.data(), password.data(), password.size(), cost_.passes, cost_.memory_bytes) !=
      0) {
    return std::unexpected(
        Error{ErrorKind::unavailable, "no memory to hash a password in: free some, and try again"});
  }
  return std::string(text.data());
}

bool Passwords::verify(const std::string& hash, std::string_view password) const {
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

void Passwords::verify_nobody(std::string_view password) const {
  (void)verify(hash_of_nobody_, password);
}

bool Passwords::is_outdated(const std::string& hash) const {
  return crypto_pwhash_str_needs_rehash(hash.c_str(), cost_.passes, cost_.memory_bytes) != 0;
}

}  // namespace punctual::secrets
