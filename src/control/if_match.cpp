#include "control/if_match.hpp"

#include "base/text.hpp"

namespace punctual::control {

settings::Result<std::optional<std::int64_t>> read_if_match(const Context& context) {
  std::string_view value = context.request.header("if-match");
  if (value.empty() || value == "*") return std::nullopt;
  if (value.starts_with("W/")) value.remove_prefix(2);
  if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
    if (const auto version = base::parse_unsigned(value.substr(1, value.size() - 2)))
      return static_cast<std::int64_t>(*version);
  }
  return std::unexpected(settings::Error{
      settings::ErrorKind::stale, "If-Match is none of this resource's ETags: read it again.", {}});
}

}  // namespace punctual::control
