// What a parameter must be for both databases, so that what one takes the other takes too.
#pragma once

#include <cmath>
#include <expected>
#include <span>
#include <string>
#include <variant>

#include "storage/error.hpp"
#include "storage/value.hpp"

namespace punctual::storage {

// ErrorKind::refused for a text with NUL or invalid UTF-8 (PostgreSQL takes neither), and for a number that
// is none (which SQLite would keep as NULL).
inline Outcome check_parameters(std::span<const Value> parameters) {
  for (const Value& value : parameters) {
    const auto* text = std::get_if<std::string>(&value);
    if (text && !is_storable_text(*text))
      return std::unexpected(
          Error{ErrorKind::refused, "a text with NUL or invalid UTF-8 cannot be stored", {}});
    const auto* real = std::get_if<double>(&value);
    if (real && std::isnan(*real))
      return std::unexpected(Error{ErrorKind::refused, "a number that is none cannot be stored", {}});
  }
  return {};
}

}  // namespace punctual::storage
