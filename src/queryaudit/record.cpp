#include "queryaudit/record.hpp"

#include <algorithm>
#include <array>

namespace punctual::queryaudit {

namespace {

constexpr std::array<std::string_view, 7> names = {"running", "success",   "failed", "refused",
                                                   "timeout", "cancelled", "lost"};

}  // namespace

std::string_view name_of(Outcome outcome) {
  return names[static_cast<std::size_t>(outcome)];
}

std::optional<Outcome> parse_outcome(std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Outcome>(found - names.begin());
}

Outcome outcome_of(datasource::End end) {
  switch (end) {
    case datasource::End::success:
      return Outcome::success;
    case datasource::End::refused:
      return Outcome::refused;
    case datasource::End::timeout:
      return Outcome::timeout;
    case datasource::End::cancelled:
      return Outcome::cancelled;
    case datasource::End::failed:
      break;
  }
  return Outcome::failed;
}

}  // namespace punctual::queryaudit
