// A place in the list of requests, between two of them. Opaque to clients: its text may change with the
// version in it. A plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace punctual::requestlog {

struct Cursor {
  std::int64_t started = 0;
  std::int64_t id = 0;

  std::string text() const;  // base64url, 23 characters
  // Nothing: this is no cursor of this version.
  static std::optional<Cursor> parse(std::string_view text);

  bool operator==(const Cursor&) const = default;
  auto operator<=>(const Cursor&) const = default;
};

}  // namespace punctual::requestlog
