// What an API key may: a value, and its JSON form in the database.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/error.hpp"
#include "deadline/clock.hpp"

namespace punctual::access {

inline constexpr std::size_t key_models_max = 64;
inline constexpr std::uint64_t key_rate_max = 1'000'000'000;
inline constexpr deadline::Duration key_deadline_min = std::chrono::milliseconds(10);
inline constexpr deadline::Duration key_deadline_max = std::chrono::days(1);

struct ApiKeyLimits {
  std::vector<std::string> models;  // names or globs; empty: all
  std::optional<std::uint64_t> requests_per_minute;
  std::optional<std::uint64_t> tokens_per_minute;
  std::optional<deadline::Duration> deadline_max;

  bool operator==(const ApiKeyLimits&) const = default;

  // {"models":[...],"requests_per_minute":60,"tokens_per_minute":null,"deadline_seconds_max":30}
  std::string document() const;
  // Nothing when the text is not what `document` writes.
  static std::optional<ApiKeyLimits> parse(std::string_view document);
};

std::expected<void, Error> check_limits(const ApiKeyLimits& limits);

}  // namespace punctual::access
