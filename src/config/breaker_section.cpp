#include "config/checks.hpp"
#include "config/seconds.hpp"
#include "config/section_reader.hpp"
#include "config/sections.hpp"

namespace punctual::config {

namespace {

constexpr std::int64_t calls_most = 1'000'000;
constexpr double rate_most = 1'000'000;

void read_count(SectionReader& section, std::string_view name, std::uint32_t& count) {
  const auto found = section.read<std::int64_t>(name);
  if (found && in_range(section.context(), *found, 0, calls_most))
    count = static_cast<std::uint32_t>(found->value);
}

void read_number(SectionReader& section, std::string_view name, double most, double& number) {
  const auto found = section.read<double>(name);
  if (!found) return;
  if (found->value >= 0 && found->value <= most) {
    number = found->value;
    return;
  }
  section.context().report(found->place, "is " + std::to_string(found->value) +
                                             ": write a number from 0 to " +
                                             std::to_string(static_cast<std::int64_t>(most)));
}

void read_duration(SectionReader& section, std::string_view name, Zero zero, deadline::Duration& duration) {
  const auto found = section.read<double>(name);
  if (!found) return;
  if (const auto limit = limit_from(section.context(), *found, zero))
    duration = limit->duration.value_or(deadline::Duration::zero());
}

}  // namespace

void read_breaker(TableReader& root) {
  Breaker& breaker = root.context().configuration.breaker;
  SectionReader section(root.table("breaker"), {"PUNCTUAL_BREAKER_"});
  read_count(section, "failures_in_a_row", breaker.failures_in_a_row);
  read_number(section, "error_share", 1, breaker.error_share);
  read_count(section, "calls_min", breaker.calls_min);
  read_duration(section, "window_seconds", Zero::refused, breaker.window);
  read_duration(section, "open_seconds", Zero::refused, breaker.open_for);
  read_duration(section, "open_max_seconds", Zero::refused, breaker.open_for_max);
  read_duration(section, "check_seconds", Zero::is_none, breaker.check_every);
  section.finish();
}

void read_retries(TableReader& root) {
  Retries& retries = root.context().configuration.retries;
  SectionReader section(root.table("retries"), {"PUNCTUAL_RETRIES_"});
  read_number(section, "share", 10, retries.share);
  read_number(section, "per_second", rate_most, retries.per_second);
  read_duration(section, "back_off_seconds", Zero::is_none, retries.back_off);
  section.finish();
}

}  // namespace punctual::config
