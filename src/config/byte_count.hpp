// Amounts of memory as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace punctual::config {

// "1048576", "64MiB", "1.5 GiB", "80GB": KiB, MiB, GiB and TiB are powers of 1024, KB, MB, GB and TB of 1000.
// Nothing when it is none of these or does not fit.
std::optional<std::uint64_t> parse_byte_count(std::string_view text);

}  // namespace punctual::config
