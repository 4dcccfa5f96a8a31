// What a parameter must be for both databases, so that what one takes the other takes too.
#pragma once

#include <cmath>
#include <expected>
#include <span>
#include <string>
#include <string_view>
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

// "INSERT INTO into VALUES ($1, $2), ($3, $4)": that many rows of that many columns.
inline std::string insert_statement(std::string_view into, std::size_t rows, std::size_t columns) {
  std::string sql = "INSERT INTO ";
  sql.append(into).append(" VALUES ");
  for (std::size_t i = 0; i < rows * columns; ++i) {
    const bool first = i % columns == 0;
    sql.append(i == 0 ? "(" : first ? "), (" : ", ").append("$").append(std::to_string(i + 1));
  }
  return sql.append(")");
}

}  // namespace punctual::storage
