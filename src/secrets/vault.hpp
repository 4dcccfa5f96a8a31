// Seals the providers' keys and the passwords of data sources for the database, and opens them again.
//
// Two layers: a random data key per installation seals, and the master key wraps the data key (both
// XChaCha20-Poly1305). What is sealed for one owner (a provider's id) and key version opens for no other, nor
// in another vault. Immutable: any thread may seal and open; a rotation makes a new Vault, whose document and
// blobs the caller stores in one transaction. Plain text is in wiped memory only. Errors never hold any of
// it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/secret.hpp"
#include "secrets/document.hpp"
#include "secrets/error.hpp"
#include "secrets/key.hpp"

namespace punctual::secrets {

inline constexpr std::size_t sealed_text_bytes_max = 64 * 1024;

// One sealed text, with what it is bound to.
struct Sealed {
  std::string provider_id;
  std::int64_t key_version = 0;
  std::string blob;
};

class Vault {
 public:
  struct Rotation;

  // A new one. `passphrase`: how `master` was made, when it was made of a passphrase.
  static std::expected<Vault, Error> create(const Key& master,
                                            const std::optional<PassphraseParameters>& passphrase);
  // `wrong_master_key` when the document was wrapped by another key.
  static std::expected<Vault, Error> open(const VaultDocument& document, const Key& master);

  const VaultDocument& document() const { return document_; }

  // Bytes, not text: for a column that holds bytes.
  std::expected<std::string, Error> seal(std::string_view text, std::string_view provider_id,
                                         std::int64_t key_version) const;
  std::expected<config::Secret, Error> open(std::string_view blob, std::string_view provider_id,
                                            std::int64_t key_version) const;

  // A vault with a new data key, and every text sealed with it, in the order of `all`. One that cannot be
  // opened stops it: nothing is lost by a rotation.
  std::expected<Rotation, Error> rotate(std::span<const Sealed> all, const Key& master) const;

  // The same data key under another master key. Stored keys stay as they are.
  std::expected<VaultDocument, Error> wrap_anew(const Key& master,
                                                const std::optional<PassphraseParameters>& passphrase) const;

 private:
  Vault(const VaultDocument& document, Key data_key) : document_(document), data_key_(std::move(data_key)) {}
  std::string binding(std::string_view provider_id, std::int64_t key_version) const;

  VaultDocument document_;
  Key data_key_;
};

struct Vault::Rotation {
  Vault vault;
  std::vector<std::string> blobs;
};

}  // namespace punctual::secrets
