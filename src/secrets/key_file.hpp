// A file with one key in it, readable by its owner only.
#pragma once

#include <expected>
#include <filesystem>

#include "secrets/error.hpp"
#include "secrets/key.hpp"

namespace punctual::secrets {

// `missing_key` when there is no such file, `invalid_key` when others can read it or it holds no key.
std::expected<Key, Error> read_key_file(const std::filesystem::path& path);

// Writes a random key to a file that does not exist yet: whole and on the disk, or not at all. False: it was
// there already, and is as it was.
std::expected<bool, Error> create_key_file(const std::filesystem::path& path);

}  // namespace punctual::secrets
