#include "probe/stall.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "settings/field_errors.hpp"

namespace punctual::probe {

namespace {

namespace bj = boost::json;
using settings::shown;

constexpr std::array<std::string_view, stall_kind_count> names = {"silent_answer", "silent_stream",
                                                                  "beating_stream", "trickle"};

}  // namespace

std::string_view name_of(StallKind kind) {
  return names[static_cast<std::size_t>(kind)];
}

std::optional<StallKind> stall_kind_named(std::string_view name) {
  const auto* found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<StallKind>(found - names.begin());
}

bool is_run_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= run_bytes_max && std::ranges::all_of(text, allowed);
}

settings::Result<StallRequest> read_stall_request(const bj::object& body) {
  StallRequest request;
  std::vector<settings::FieldError> fields;
  const auto report = [&fields](std::string field, std::string message) {
    fields.push_back({std::move(field), std::move(message)});
  };
  for (const auto& [name, value] : body) {
    if (name == "run") {
      if (!value.is_string() || !is_run_name(value.get_string())) {
        report("run",
               fmt::format("is {}: give 1 to {} letters, digits, '-' and '_'", shown(value), run_bytes_max));
      } else {
        request.run = value.get_string();
      }
    } else if (name == "kind") {
      const auto kind = value.is_string() ? stall_kind_named(value.get_string()) : std::nullopt;
      if (!kind) report("kind", fmt::format("is {}: there are {}", shown(value), fmt::join(names, ", ")));
      request.kind = kind.value_or(request.kind);
    } else if (name == "seconds") {
      const double seconds = value.is_number() ? value.to_number<double>() : 0;
      const bool good = seconds >= deadline::seconds(stall_min) && seconds <= deadline::seconds(stall_max);
      if (good) {
        request.duration = deadline::from_seconds(seconds);
      } else {
        report("seconds", fmt::format("is {}: give {:g} to {:g}", shown(value), deadline::seconds(stall_min),
                                      deadline::seconds(stall_max)));
      }
    } else {
      report(name, "is not known: there are run, kind and seconds");
    }
  }
  for (const auto* name : {"run", "kind", "seconds"}) {
    if (!body.contains(name)) report(name, "is missing");
  }
  if (fields.empty()) return request;
  return std::unexpected(settings::invalid_fields(std::move(fields)));
}

}  // namespace punctual::probe
