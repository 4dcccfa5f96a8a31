#include "secrets/document.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <span>

#include "base/text.hpp"

namespace punctual::secrets {

namespace {

constexpr std::string_view first_line = "punctual-vault 1";
constexpr std::uint64_t passes_max = 64;
constexpr std::uint64_t memory_bytes_max = 1ULL << 30U;

using Bytes = std::span<const unsigned char>;

std::string hex(Bytes bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

bool from_hex(std::string_view text, std::span<unsigned char> out) {
  std::size_t size = 0;
  return text.size() == out.size() * 2 &&
         sodium_hex2bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, nullptr) == 0 &&
         size == out.size();
}

std::string checksum(std::string_view text) {
  std::array<unsigned char, 16> sum{};
  crypto_generichash(sum.data(), sum.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     nullptr, 0);
  return hex(sum);
}

// Takes "name value\n" off the front of `text`.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name) || !text.substr(name.size()).starts_with(' ')) return std::nullopt;
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto value = text.substr(name.size() + 1, end - name.size() - 1);
  text.remove_prefix(end + 1);
  return value;
}

std::optional<PassphraseParameters> parse_passphrase(std::string_view value) {
  PassphraseParameters how;
  const auto passes = base::parse_unsigned(base::take_item(value, ' '));
  const auto memory = base::parse_unsigned(base::take_item(value, ' '));
  if (!passes || !memory || *passes < 1 || *passes > passes_max || *memory < cheapest_cost.memory_bytes ||
      *memory > memory_bytes_max || !from_hex(value, how.salt))
    return std::nullopt;
  how.cost = {*passes, *memory};
  return how;
}

}  // namespace

std::string VaultDocument::text() const {
  auto text = fmt::format("{}\nid {}\ngeneration {}\ncheck {}\nwrapped {}\n", first_line, hex(id), generation,
                          hex(key_check), hex(wrapped));
  if (passphrase) {
    text += fmt::format("argon2id {} {} {}\n", passphrase->cost.passes, passphrase->cost.memory_bytes,
                        hex(passphrase->salt));
  }
  const auto sum = checksum(text);
  return text + "sum " + sum + "\n";
}

std::expected<VaultDocument, Error> VaultDocument::parse(std::string_view text) {
  const auto corrupt = [](std::string_view what) {
    return std::unexpected(Error{
        ErrorKind::corrupt,
        fmt::format("the stored vault document is damaged ({}): restore it from a backup of the database, or "
                    "delete it and enter the providers' keys again",
                    what)});
  };
  if (!text.starts_with(first_line) || !text.substr(first_line.size()).starts_with('\n'))
    return corrupt("it is of no version that this program knows");
  const auto sum_at = text.rfind("sum ");
  if (sum_at == std::string_view::npos ||
      text.substr(sum_at) != "sum " + checksum(text.substr(0, sum_at)) + "\n")
    return corrupt("its checksum does not fit");
  auto rest = text.substr(first_line.size() + 1, sum_at - first_line.size() - 1);
  VaultDocument document;
  const auto id = take_line(rest, "id");
  const auto generation = take_line(rest, "generation");
  const auto check = take_line(rest, "check");
  const auto wrapped = take_line(rest, "wrapped");
  const auto number = generation ? base::parse_unsigned(*generation) : std::nullopt;
  if (!id || !check || !wrapped || !from_hex(*id, document.id) || !from_hex(*check, document.key_check) ||
      !from_hex(*wrapped, document.wrapped) || !number || *number == 0 || *number > UINT32_MAX)
    return corrupt("a line of it is not as it must be");
  document.generation = static_cast<std::uint32_t>(*number);
  if (const auto line = take_line(rest, "argon2id")) {
    document.passphrase = parse_passphrase(*line);
    if (!document.passphrase) return corrupt("the parameters of its passphrase are not possible");
  }
  if (!rest.empty()) return corrupt("it has lines too many");
  return document;
}

PassphraseParameters new_passphrase_parameters(Cost cost) {
  PassphraseParameters how{cost, {}};
  randombytes_buf(how.salt.data(), how.salt.size());
  return how;
}

std::expected<Key, Error> key_from_passphrase(std::string_view passphrase, const PassphraseParameters& how) {
  static_assert(sizeof(how.salt) == crypto_pwhash_SALTBYTES);
  return Key::make([&](std::span<unsigned char, Key::bytes> out) {
    return crypto_pwhash(out.data(), out.size(), passphrase.data(), passphrase.size(), how.salt.data(),
                         how.cost.passes, how.cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) == 0;
  });
}

}  // namespace punctual::secrets
