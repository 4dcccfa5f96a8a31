// The endpoints that have a total limit each, by the names that settings and logs use.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace punctual::config {

enum class Endpoint : std::uint8_t { chat, completions, embeddings };

inline constexpr std::array all_endpoints = {Endpoint::chat, Endpoint::completions, Endpoint::embeddings};

// "chat", "completions", "embeddings".
std::string_view name_of(Endpoint endpoint);

}  // namespace punctual::config
