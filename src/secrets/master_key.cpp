#include "secrets/master_key.hpp"

#include <fmt/format.h>

#include "secrets/key_file.hpp"

namespace punctual::secrets {

namespace {

using Found = std::expected<MasterKey, Error>;

constexpr std::string_view key_variable = "PUNCTUAL_MASTER_KEY";
constexpr std::string_view passphrase_variable = "PUNCTUAL_MASTER_PASSPHRASE";
constexpr std::string_view file_variable = "PUNCTUAL_MASTER_KEY_FILE";
constexpr std::size_t passphrase_bytes_min = 12;
constexpr std::size_t passphrase_bytes_max = 1024;

std::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return std::unexpected(Error{kind, std::move(message)});
}

Found from_key_variable(const std::string& text) {
  auto key = Key::parse(text);
  if (!key) return fail(key.error().kind, fmt::format("{} {}", key_variable, key.error().message));
  return MasterKey{std::move(*key), fmt::format("variable {}", key_variable), false, std::nullopt};
}

Found from_passphrase(const std::string& passphrase, const MasterKeyRequest& request) {
  if (passphrase.size() < passphrase_bytes_min || passphrase.size() > passphrase_bytes_max) {
    return fail(ErrorKind::invalid_key,
                fmt::format("{} has {} bytes: give {} to {}, such as six random words", passphrase_variable,
                            passphrase.size(), passphrase_bytes_min, passphrase_bytes_max));
  }
  if (request.vault && !request.vault->passphrase) {
    return fail(
        ErrorKind::wrong_master_key,
        fmt::format("{} is set, but the stored provider keys were sealed with a key, not a passphrase: "
                    "unset it, and give that key in {} or {}",
                    passphrase_variable, key_variable, file_variable));
  }
  const auto how =
      request.vault ? *request.vault->passphrase : new_passphrase_parameters(request.new_passphrase_cost);
  auto key = key_from_passphrase(passphrase, how);
  if (!key) return fail(key.error().kind, fmt::format("{}: {}", passphrase_variable, key.error().message));
  return MasterKey{std::move(*key), fmt::format("variable {}", passphrase_variable), false, how};
}

Found from_file(const std::filesystem::path& path, bool created) {
  auto key = read_key_file(path);
  if (!key) return std::unexpected(key.error());
  return MasterKey{std::move(*key), fmt::format("file {}", path.string()), created, std::nullopt};
}

Found from_named_file(const std::string& path) {
  auto found = from_file(path, false);
  if (!found && found.error().kind == ErrorKind::missing_key) {
    found.error().message += fmt::format(
        ", which {} names: put the master key there (a new one: `openssl rand -base64 32`, mode 0600), or "
        "unset "
        "the variable",
        file_variable);
  }
  return found;
}

Found from_data_folder(const MasterKeyRequest& request) {
  const auto path = request.data_folder / "master.key";
  auto found = from_file(path, false);
  if (found || found.error().kind != ErrorKind::missing_key) return found;
  if (request.vault && request.vault->passphrase) {
    return fail(
        ErrorKind::missing_key,
        fmt::format("the stored provider keys were sealed with a passphrase, and cannot be opened without "
                    "it: set {}",
                    passphrase_variable));
  }
  if (request.vault) {
    return fail(
        ErrorKind::missing_key,
        fmt::format("the master key file {} is missing; the stored provider keys cannot be opened without "
                    "it: put it back from your backup (mode 0600), or give the key in {} or {}; if it is "
                    "lost, delete the stored keys and enter them again",
                    path.string(), key_variable, file_variable));
  }
  const auto created = create_key_file(path);
  if (!created) return std::unexpected(created.error());
  return from_file(path, *created);
}

}  // namespace

Found find_master_key(const MasterKeyRequest& request) {
  for (const auto name : {key_variable, passphrase_variable, file_variable}) {
    const std::string* value = request.variables(name);
    if (!value) continue;
    if (value->empty()) {
      return fail(ErrorKind::invalid_key,
                  fmt::format("{} is set to nothing: give it its value, or unset it", name));
    }
    if (name == key_variable) return from_key_variable(*value);
    if (name == passphrase_variable) return from_passphrase(*value, request);
    return from_named_file(*value);
  }
  return from_data_folder(request);
}

}  // namespace punctual::secrets
