// The names that people give: of users, of API keys. And passwords.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "access/error.hpp"

namespace punctual::access {

inline constexpr std::size_t name_characters_max = 64;
inline constexpr std::size_t password_bytes_min = 10;
inline constexpr std::size_t password_bytes_max = 1024;

// Trimmed; 1 to 64 characters of UTF-8, none of them a control character.
std::expected<std::string, Error> checked_name(std::string_view name);

// ASCII letters without case; other letters are compared as they are.
bool same_name(std::string_view left, std::string_view right);

// 10 to 1024 bytes, and not the user's name. The error never holds the password.
std::expected<void, Error> check_password(std::string_view password, std::string_view user_name,
                                          std::string_view field = "password");

}  // namespace punctual::access
