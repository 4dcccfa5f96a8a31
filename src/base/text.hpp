// ASCII text as protocols use it: comparison without case, trimming, strict numbers. No locale, no
// allocation.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace punctual::base {

// Compares ASCII letters without case (RFC 9110 field names, schemes, codings).
bool equals_ignoring_case(std::string_view left, std::string_view right);

// Without spaces and tabs at both ends (RFC 9110 OWS).
std::string_view trimmed(std::string_view text);

// The part of `list` before the first `separator`, which is removed from `list` with it. Trimmed.
std::string_view take_item(std::string_view& list, char separator);

// A whole decimal number, digits only, nothing around it; nothing when it does not fit.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

// A finite decimal number such as `2`, `0.25` or `1e3`, nothing around it.
std::optional<double> parse_decimal(std::string_view text);

}  // namespace punctual::base
