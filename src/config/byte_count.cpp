#include "config/byte_count.hpp"

#include <array>
#include <cmath>

#include "base/text.hpp"

namespace punctual::config {

namespace {

struct Unit {
  std::string_view name;
  double bytes;
};

constexpr double kibi = 1024;
constexpr std::array<Unit, 9> units = {{
    {"B", 1},
    {"KiB", kibi},
    {"MiB", kibi* kibi},
    {"GiB", kibi* kibi* kibi},
    {"TiB", kibi* kibi* kibi* kibi},
    {"KB", 1e3},
    {"MB", 1e6},
    {"GB", 1e9},
    {"TB", 1e12},
}};

constexpr double bytes_max = 9e18;

}  // namespace

std::optional<std::uint64_t> parse_byte_count(std::string_view text) {
  text = base::trimmed(text);
  if (const auto plain = base::parse_unsigned(text)) return plain;
  const auto digits = text.find_last_of("0123456789.");
  if (digits == std::string_view::npos) return std::nullopt;
  const auto amount = base::parse_decimal(text.substr(0, digits + 1));
  const auto unit_name = base::trimmed(text.substr(digits + 1));
  if (!amount || *amount < 0) return std::nullopt;
  for (const Unit& unit : units) {
    if (!base::equals_ignoring_case(unit.name, unit_name)) continue;
    const double bytes = *amount * unit.bytes;
    if (bytes > bytes_max) return std::nullopt;
    return static_cast<std::uint64_t>(std::llround(bytes));
  }
  return std::nullopt;
}

}  // namespace punctual::config
