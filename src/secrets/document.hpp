// What is stored beside the sealed keys so that the right master key opens them again. It holds no secret:
// the data key in it is wrapped.
//
// A plain value with a text form that carries its own checksum, so that an accident to the text is told from
// a wrong key. `parse` refuses what is not whole, of another version, or out of bounds, with `corrupt`.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "secrets/error.hpp"
#include "secrets/key.hpp"

namespace punctual::secrets {

// How expensive Argon2id is: passes over the memory, and bytes of it.
struct Cost {
  std::uint64_t passes = 0;
  std::uint64_t memory_bytes = 0;

  bool operator==(const Cost&) const = default;
};

// For a passphrase that is asked for once a start: about half a second.
inline constexpr Cost passphrase_cost = {3, 256ULL << 20U};
// For tests, and for nothing else.
inline constexpr Cost cheapest_cost = {1, 8192};

// How a passphrase becomes a master key.
struct PassphraseParameters {
  Cost cost;
  std::array<unsigned char, 16> salt{};

  bool operator==(const PassphraseParameters&) const = default;
};

struct VaultDocument {
  std::array<unsigned char, 16> id{};              // random, one per installation
  std::uint32_t generation = 1;                    // of the data key; one more at each rotation
  std::array<unsigned char, 16> key_check{};       // tells a wrong master key from a damaged document
  std::array<unsigned char, 72> wrapped{};         // nonce, data key, tag
  std::optional<PassphraseParameters> passphrase;  // none: the master key is given as it is

  bool operator==(const VaultDocument&) const = default;

  std::string text() const;
  static std::expected<VaultDocument, Error> parse(std::string_view text);
};

// PassphraseParameters with a random salt.
PassphraseParameters new_passphrase_parameters(Cost cost = passphrase_cost);

// Takes as long as the cost says.
std::expected<Key, Error> key_from_passphrase(std::string_view passphrase, const PassphraseParameters& how);

}  // namespace punctual::secrets
