// Reads a whole small file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

namespace punctual::config {

enum class Privacy : std::uint8_t {
  any,
  owner_only,  // no permission for the group or others, as for a secret
};

// The error is what is wrong and what would be right, without the path.
std::expected<std::string, std::string> read_text_file(const std::string& path, std::size_t bytes_max,
                                                       Privacy privacy);

}  // namespace punctual::config
