#include "access/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "storage/value.hpp"

namespace punctual::access {

namespace {

std::unexpected<Error> invalid(std::string_view field, std::string message) {
  return std::unexpected(Error{ErrorKind::invalid, std::string(field), std::move(message), {}});
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

}  // namespace

std::expected<std::string, Error> checked_name(std::string_view name) {
  const auto text = base::trimmed(name);
  if (!storage::is_storable_text(text)) return invalid("name", "is not valid UTF-8: give a name of letters");
  if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return invalid("name", "holds a control character: give a name of letters, digits and such");
  const auto characters = static_cast<std::size_t>(std::ranges::count_if(text, std::not_fn(is_continuation)));
  if (characters < 1 || characters > name_characters_max) {
    return invalid("name", fmt::format("has {} characters: give 1 to {}", characters, name_characters_max));
  }
  return std::string(text);
}

bool same_name(std::string_view left, std::string_view right) {
  return base::equals_ignoring_case(left, right);
}

std::expected<void, Error> check_password(std::string_view password, std::string_view user_name,
                                          std::string_view field) {
  if (password.size() < password_bytes_min || password.size() > password_bytes_max) {
    return invalid(field, fmt::format("has {} bytes: give {} to {}", password.size(), password_bytes_min,
                                      password_bytes_max));
  }
  if (same_name(password, user_name)) return invalid(field, "is the name of the user: give another");
  return {};
}

}  // namespace punctual::access
