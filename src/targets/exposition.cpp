#include "targets/exposition.hpp"

#include <array>
#include <map>

namespace punctual::targets {

namespace {

struct Sums {
  std::uint64_t calls = 0;
  std::uint64_t failures = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t waiting = 0;
  std::uint64_t left_alone = 0;
};

struct Series {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  std::uint64_t Sums::* sum;
};

constexpr std::array<Series, 5> series = {{
    {"punctual_target_calls_total", "counter", "Calls of a provider's models.", &Sums::calls},
    {"punctual_target_failures_total", "counter", "Calls that failed by the provider's own doing.",
     &Sums::failures},
    {"punctual_target_calls_in_flight", "gauge", "Calls that run, or wait for a slot.", &Sums::in_flight},
    {"punctual_target_waiting", "gauge", "Requests that wait for a slot.", &Sums::waiting},
    {"punctual_target_breakers_open", "gauge", "Models that are left alone because they failed.",
     &Sums::left_alone},
}};

}  // namespace

std::string prometheus_text(const Book& book, deadline::Instant now) {
  std::map<std::string, Sums> providers;
  for (const auto& target : book.all()) {
    auto& sums = providers[target->provider];
    sums.calls += target->calls.load(std::memory_order_relaxed);
    sums.failures += target->failures.load(std::memory_order_relaxed);
    sums.in_flight += target->in_flight.load(std::memory_order_relaxed);
    sums.waiting += target->slots->waiting();
    sums.left_alone += target->breaker.open(now) ? 1 : 0;
  }
  std::string text;
  for (const auto& [name, type, help, sum] : series) {
    text.append("# HELP ").append(name).append(" ").append(help);
    text.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
    for (const auto& [provider, sums] : providers) {
      // A provider's name has nothing in it that a label would have to escape.
      text.append(name).append("{provider=\"").append(provider).append("\"} ");
      text.append(std::to_string(sums.*sum)).append("\n");
    }
  }
  return text;
}

}  // namespace punctual::targets
