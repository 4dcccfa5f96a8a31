// Passwords, as only their Argon2id hashes are kept.
//
// Any thread; each call takes the memory and the time of its Cost (the standard one: 64 MiB, about 90 ms),
// so whoever calls it bounds how many run at once. Hashes are PHC strings ("$argon2id$v=19$m=..."), which
// carry their own cost: those of an older cost still verify.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "secrets/document.hpp"
#include "secrets/error.hpp"

namespace punctual::secrets {

inline constexpr Cost password_cost = {3, 64ULL << 20U};

class Passwords {
 public:
  // Makes one hash, so that an unknown user can be verified against it. `unavailable` without memory.
  static std::expected<Passwords, Error> create(Cost cost = password_cost);

  std::expected<std::string, Error> hash(std::string_view password) const;
  bool verify(const std::string& hash, std::string_view password) const;

  // Takes the time of a verification, for a user who does not exist; the answer is always no.
  void verify_nobody(std::string_view password) const;

  // It was made at another cost: hash anew at the next log-in.
  bool is_outdated(const std::string& hash) const;

 private:
  explicit Passwords(Cost cost) : cost_(cost) {}

  Cost cost_;
  std::string hash_of_nobody_;
};

}  // namespace punctual::secrets
