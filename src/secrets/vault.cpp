#include "secrets/vault.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

namespace punctual::secrets {

namespace {

constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr char blob_version = 1;
// version, generation, nonce, text, tag
constexpr std::size_t blob_head_bytes = 1 + 4;
static_assert(sizeof(VaultDocument::wrapped) == nonce_bytes + Key::bytes + tag_bytes);

std::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return std::unexpected(Error{kind, std::move(message)});
}

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void append_number(std::string& out, std::uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i)
    out.push_back(static_cast<char>((number >> (8 * i)) & 0xff));
}

void append_id(std::string& out, const VaultDocument& document) {
  out.append(document.id.begin(), document.id.end());
  append_number(out, document.generation, 4);
}

std::string wrapping_label(const VaultDocument& document) {
  std::string label = "punctual-vault-1 data key";
  append_id(label, document);
  return label;
}

// Only the holder of `master` can make it, and it tells nothing about it.
std::array<unsigned char, 16> check_of(const Key& master, const VaultDocument& document) {
  std::string label = "punctual-vault-1 master key check";
  label.append(document.id.begin(), document.id.end());
  std::array<unsigned char, 16> check{};
  const auto key = master.reveal();
  crypto_generichash(check.data(), check.size(), raw(label), label.size(), key.data(), key.size());
  return check;
}

// Fills in what depends on the master key.
void wrap(VaultDocument& document, const Key& data_key, const Key& master) {
  const auto label = wrapping_label(document);
  randombytes_buf(document.wrapped.data(), nonce_bytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(document.wrapped.data() + nonce_bytes, nullptr,
                                             data_key.reveal().data(), Key::bytes, raw(label), label.size(),
                                             nullptr, document.wrapped.data(), master.reveal().data());
  document.key_check = check_of(master, document);
}

}  // namespace

std::expected<Vault, Error> Vault::create(const Key& master,
                                          const std::optional<PassphraseParameters>& passphrase) {
  auto data_key = Key::random();
  if (!data_key) return std::unexpected(data_key.error());
  VaultDocument document;
  randombytes_buf(document.id.data(), document.id.size());
  document.passphrase = passphrase;
  wrap(document, *data_key, master);
  return Vault(document, std::move(*data_key));
}

std::expected<Vault, Error> Vault::open(const VaultDocument& document, const Key& master) {
  const auto label = wrapping_label(document);
  bool opened = false;
  auto data_key = Key::make([&](std::span<unsigned char, Key::bytes> out) {
    opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
                 out.data(), nullptr, nullptr, document.wrapped.data() + nonce_bytes,
                 document.wrapped.size() - nonce_bytes, raw(label), label.size(), document.wrapped.data(),
                 master.reveal().data()) == 0;
    return true;
  });
  if (!data_key) return std::unexpected(data_key.error());
  const auto check = check_of(master, document);
  const bool fits = sodium_memcmp(check.data(), document.key_check.data(), check.size()) == 0;
  if (opened && fits) return Vault(document, std::move(*data_key));
  if (!opened && !fits) {
    return fail(ErrorKind::wrong_master_key,
                "the master key is not the one that the stored provider keys were sealed with: start with "
                "that one, or delete the stored keys and enter them again");
  }
  return fail(ErrorKind::corrupt,
              "the stored data key is damaged, although the master key is right: restore the vault from a "
              "backup of the database, or delete the stored keys and enter them again");
}

std::string Vault::binding(std::string_view provider_id, std::int64_t key_version) const {
  std::string label = "punctual-vault-1 provider key";
  append_id(label, document_);
  append_number(label, static_cast<std::uint64_t>(key_version), 8);
  append_number(label, provider_id.size(), 8);
  label.append(provider_id);
  return label;
}

std::expected<std::string, Error> Vault::seal(std::string_view text, std::string_view provider_id,
                                              std::int64_t key_version) const {
  if (text.size() > sealed_text_bytes_max) {
    return fail(ErrorKind::invalid_key,
                fmt::format("a key of {} bytes is too long: at most {}", text.size(), sealed_text_bytes_max));
  }
  const auto label = binding(provider_id, key_version);
  std::string blob(1, blob_version);
  append_number(blob, document_.generation, 4);
  blob.resize(blob_head_bytes + nonce_bytes + text.size() + tag_bytes);
  auto* const nonce = reinterpret_cast<unsigned char*>(blob.data()) + blob_head_bytes;
  randombytes_buf(nonce, nonce_bytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + nonce_bytes, nullptr, raw(text), text.size(), raw(label),
                                             label.size(), nullptr, nonce, data_key_.reveal().data());
  return blob;
}

std::expected<config::Secret, Error> Vault::open(std::string_view blob, std::string_view provider_id,
                                                 std::int64_t key_version) const {
  const auto corrupt = [&](std::string_view what) {
    return fail(ErrorKind::corrupt,
                fmt::format("the stored key of provider {} (version {}) {}: enter it again", provider_id,
                            key_version, what));
  };
  constexpr std::size_t overhead = blob_head_bytes + nonce_bytes + tag_bytes;
  if (blob.size() < overhead || blob.size() > overhead + sealed_text_bytes_max || blob[0] != blob_version)
    return corrupt("is damaged");
  std::string generation;
  append_number(generation, document_.generation, 4);
  if (blob.substr(1, 4) != generation) return corrupt("was sealed with another data key than the vault's");
  const auto label = binding(provider_id, key_version);
  const auto* const nonce = raw(blob) + blob_head_bytes;
  const auto sealed_bytes = blob.size() - blob_head_bytes - nonce_bytes;
  std::string text(sealed_bytes - tag_bytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(text.data()), nullptr,
                                                 nullptr, nonce + nonce_bytes, sealed_bytes, raw(label),
                                                 label.size(), nonce, data_key_.reveal().data()) != 0)
    return corrupt("is damaged, or belongs to another provider or version");
  config::Secret secret(std::move(text));
  return secret;
}

std::expected<Vault::Rotation, Error> Vault::rotate(std::span<const Sealed> all, const Key& master) const {
  auto data_key = Key::random();
  if (!data_key) return std::unexpected(data_key.error());
  VaultDocument document = document_;
  ++document.generation;
  wrap(document, *data_key, master);
  Rotation rotation{Vault(document, std::move(*data_key)), {}};
  for (const Sealed& sealed : all) {
    const auto text = open(sealed.blob, sealed.provider_id, sealed.key_version);
    if (!text) return std::unexpected(text.error());
    auto blob = rotation.vault.seal(text->reveal(), sealed.provider_id, sealed.key_version);
    if (!blob) return std::unexpected(blob.error());
    rotation.blobs.push_back(std::move(*blob));
  }
  return rotation;
}

std::expected<VaultDocument, Error> Vault::wrap_anew(
    const Key& master, const std::optional<PassphraseParameters>& passphrase) const {
  VaultDocument document = document_;
  document.passphrase = passphrase;
  wrap(document, data_key_, master);
  return document;
}

}  // namespace punctual::secrets
