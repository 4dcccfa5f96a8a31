// Random tokens that stand for a person or a program: sessions, API keys, the link of the first set-up, the
// administrator's token of the configuration.
//
// 32 random bytes, so their hash may be a fast one (BLAKE2b-256, another for each purpose: a token of one
// kind is never one of another). Only hashes are stored. `hash_of` allocates nothing. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/secret.hpp"

namespace punctual::secrets {

enum class Purpose : std::uint8_t { session, api_key, setup, administrator };

inline constexpr std::size_t token_bytes_max = 128;  // longer ones are none of ours
inline constexpr std::string_view api_key_prefix = "punctual_";

using TokenHash = std::array<unsigned char, 32>;

// base64url; an API key begins with `api_key_prefix`, so that leaked ones are found by a scan.
config::Secret new_token(Purpose purpose);

TokenHash hash_of(Purpose purpose, std::string_view token);

// In a time that does not depend on the contents.
bool equal(const TokenHash& left, const TokenHash& right);

// 64 hex digits.
std::string text_of(const TokenHash& hash);

// `kind`, an underscore and 20 random letters and digits: what a row of the database is named by. No secret.
std::string new_id(std::string_view kind);

}  // namespace punctual::secrets
