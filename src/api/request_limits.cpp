#include "api/request_limits.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.hpp"

namespace punctual::api {

namespace {

enum class Meaning : std::uint8_t { limit, patience, read_patience };

struct LimitHeader {
  std::string_view name;
  double unit_seconds;
  Meaning meaning;
};

constexpr std::array<LimitHeader, 8> headers_known = {{
    {"X-Request-Timeout", 1, Meaning::limit},
    {"x-litellm-timeout", 1, Meaning::limit},
    {"x-portkey-request-timeout", 0.001, Meaning::limit},
    {"cf-aig-request-timeout", 0.001, Meaning::limit},
    {"x-envoy-upstream-rq-timeout-ms", 0.001, Meaning::limit},
    {"x-stainless-timeout", 1, Meaning::patience},
    {"x-envoy-expected-rq-timeout-ms", 0.001, Meaning::patience},
    {"x-stainless-read-timeout", 1, Meaning::read_patience},
}};

constexpr std::string_view prefer = "Prefer";

http::Problem unusable(std::string_view name, std::string_view value, double unit_seconds) {
  const std::string unit = unit_seconds == 1 ? "seconds" : "milliseconds";
  return http::make_problem(400,
                            std::string(name) + " is \"" + std::string(value.substr(0, 64)) +
                                "\"; it must be a positive number of " + unit + ".",
                            std::string(name));
}

void keep_shorter(std::optional<NamedDuration>& kept, double seconds, std::string_view name) {
  const NamedDuration found{std::max(deadline::from_seconds(seconds), deadline::Duration(1)), name};
  if (!kept || found.duration < kept->duration) kept = found;
}

// As base::take_item, but a separator within double quotes is text.
std::string_view take_preference(std::string_view& list, char separator) {
  bool quoted = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '"') quoted = !quoted;
    if (quoted && list[i] == '\\') ++i;
    if (quoted || i >= list.size() || list[i] != separator) continue;
    const auto item = base::trimmed(list.substr(0, i));
    list.remove_prefix(i + 1);
    return item;
  }
  return base::trimmed(std::exchange(list, {}));
}

// RFC 7240: preferences separated by commas, each with optional parameters behind semicolons. Of two that
// have the same name the first counts.
std::optional<http::Problem> read_prefer(std::string_view value, bool& seen, RequestLimits& limits) {
  while (!value.empty()) {
    std::string_view preference = take_preference(value, ',');
    std::string_view token = take_preference(preference, ';');
    const std::string_view name = base::take_item(token, '=');
    if (!base::equals_ignoring_case(name, "wait") || std::exchange(seen, true)) continue;
    std::string_view wait = base::trimmed(token);
    if (wait.size() >= 2 && wait.front() == '"' && wait.back() == '"') wait = wait.substr(1, wait.size() - 2);
    const auto seconds = base::parse_decimal(wait);
    if (!seconds || *seconds <= 0) return unusable("Prefer: wait", wait, 1);
    keep_shorter(limits.patience, *seconds, "Prefer: wait");
  }
  return std::nullopt;
}

}  // namespace

std::expected<RequestLimits, http::Problem> read_request_limits(const http::Headers& headers) {
  RequestLimits limits;
  bool prefer_wait_seen = false;
  for (const auto& field : headers) {
    if (base::equals_ignoring_case(field.name, prefer)) {
      if (auto problem = read_prefer(field.value, prefer_wait_seen, limits))
        return std::unexpected(std::move(*problem));
      continue;
    }
    // All the others begin with x or c: a cheap way past the many fields that are neither.
    const char first = field.name.empty() ? '\0' : static_cast<char>(field.name.front() | 0x20);
    if (first != 'x' && first != 'c') continue;
    for (const auto& known : headers_known) {
      if (!base::equals_ignoring_case(field.name, known.name)) continue;
      const auto number = base::parse_decimal(field.value);
      if (!number || *number <= 0)
        return std::unexpected(unusable(known.name, field.value, known.unit_seconds));
      auto& kept = known.meaning == Meaning::limit      ? limits.limit
                   : known.meaning == Meaning::patience ? limits.patience
                                                        : limits.read_patience;
      keep_shorter(kept, *number * known.unit_seconds, known.name);
    }
  }
  return limits;
}

deadline::Duration patience_margin(deadline::Duration patience) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  const deadline::Duration wanted = std::max<deadline::Duration>(milliseconds(250), patience / 50);
  return std::min<deadline::Duration>({wanted, seconds(2), patience / 2});
}

bool is_limit_header(std::string_view name) {
  // As above: all of them begin with x or c.
  const char first = name.empty() ? '\0' : static_cast<char>(name.front() | 0x20);
  if (first != 'x' && first != 'c') return false;
  return std::ranges::any_of(
      headers_known, [name](const auto& known) { return base::equals_ignoring_case(name, known.name); });
}

}  // namespace punctual::api
