#include "probe/observation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "config/front.hpp"
#include "config/url.hpp"
#include "settings/field_errors.hpp"

namespace punctual::probe {

namespace {

namespace bj = boost::json;

constexpr std::array<std::string_view, 6> ending_names = {"whole",  "answered", "clean_end",
                                                          "closed", "reset",    "lost"};
constexpr double seconds_max = 1000;
constexpr std::size_t events_max = 100'000;

class Reading {
 public:
  Reading(const bj::object& object, std::string place) : object_(object), place_(std::move(place)) {}

  std::vector<settings::FieldError> errors;

  std::string text(std::string_view name, std::size_t bytes_max) {
    const auto* value = object_.if_contains(name);
    if (!value) return {};
    if (value->is_string() && value->get_string().size() <= bytes_max)
      return std::string(value->get_string());
    report(name, fmt::format("is not a text of at most {} bytes", bytes_max));
    return {};
  }
  double number(std::string_view name, double most) {
    const auto* value = object_.if_contains(name);
    if (!value) return 0;
    const double number = value->is_number() ? value->to_number<double>() : -1;
    if (number >= 0 && number <= most) return number;
    report(name, fmt::format("is not a number from 0 to {:g}", most));
    return 0;
  }
  bool truth(std::string_view name) {
    const auto* value = object_.if_contains(name);
    if (value && !value->is_bool()) report(name, "is neither true nor false");
    return value && value->is_bool() && value->get_bool();
  }
  void report(std::string_view name, std::string message) {
    errors.push_back({place_ + std::string(name), std::move(message)});
  }

 private:
  const bj::object& object_;
  std::string place_;
};

bool is_front_kind(std::string_view name) {
  return std::ranges::find(config::front_kinds, name, &config::FrontKind::name) != config::front_kinds.end();
}

bj::object to_json(const Observation& observation) {
  bj::object document = {{"kind", name_of(observation.kind)},
                         {"seconds", deadline::seconds(observation.asked)},
                         {"lasted_seconds", deadline::seconds(observation.lasted)},
                         {"ending", name_of(observation.ending)}};
  if (observation.status != 0) document["status"] = observation.status;
  if (!observation.hop.empty()) document["hop"] = observation.hop;
  if (!observation.hop_kind.empty()) document["hop_kind"] = observation.hop_kind;
  if (observation.kind != StallKind::silent_answer) document["events"] = observation.events;
  if (observation.kind == StallKind::beating_stream)
    document["longest_silence_seconds"] = deadline::seconds(observation.longest_silence);
  if (observation.kind == StallKind::trickle) document["in_lumps"] = observation.in_lumps;
  return document;
}

Observation read_observation(Reading& reading) {
  Observation observation;
  const auto kind = stall_kind_named(reading.text("kind", run_bytes_max));
  if (!kind) reading.report("kind", "is not one of a probe");
  observation.kind = kind.value_or(observation.kind);
  const auto ending = ending_named(reading.text("ending", run_bytes_max));
  if (!ending) reading.report("ending", fmt::format("is none of {}", fmt::join(ending_names, ", ")));
  observation.ending = ending.value_or(observation.ending);
  observation.asked = deadline::from_seconds(reading.number("seconds", seconds_max));
  observation.lasted = deadline::from_seconds(reading.number("lasted_seconds", seconds_max));
  observation.status = static_cast<int>(reading.number("status", 999));
  observation.hop = reading.text("hop", hop_bytes_max);
  observation.hop_kind = reading.text("hop_kind", hop_bytes_max);
  if (!observation.hop_kind.empty() && !is_front_kind(observation.hop_kind))
    reading.report("hop_kind", "is not a kind of what stands in front");
  observation.events = static_cast<std::size_t>(reading.number("events", events_max));
  observation.longest_silence =
      deadline::from_seconds(reading.number("longest_silence_seconds", seconds_max));
  observation.in_lumps = reading.truth("in_lumps");
  return observation;
}

}  // namespace

std::string_view name_of(Ending ending) {
  return ending_names[static_cast<std::size_t>(ending)];
}

std::optional<Ending> ending_named(std::string_view name) {
  const auto* found = std::ranges::find(ending_names, name);
  if (found == ending_names.end()) return std::nullopt;
  return static_cast<Ending>(found - ending_names.begin());
}

const Observation* Report::of(StallKind kind) const {
  const auto found = std::ranges::find(observations, kind, &Observation::kind);
  return found == observations.end() ? nullptr : &*found;
}

bj::object to_json(const Report& report) {
  bj::array observations;
  observations.reserve(report.observations.size());
  for (const auto& observation : report.observations)
    observations.push_back(to_json(observation));
  return {{"url", report.url}, {"observations", std::move(observations)}};
}

settings::Result<Report> read_report(const bj::object& body) {
  constexpr std::size_t url_bytes_max = 512;
  Report report;
  Reading whole(body, "");
  report.url = whole.text("url", url_bytes_max);
  if (const auto url = config::parse_url(report.url); !url)
    whole.report("url", "is no address: " + url.error());
  const auto* list = body.if_contains("observations");
  const auto* observations = list ? list->if_array() : nullptr;
  if (!observations || observations->empty() || observations->size() > stall_kind_count) {
    whole.report("observations", fmt::format("is not a list of 1 to {}", stall_kind_count));
  } else {
    report.observations.reserve(observations->size());
    for (std::size_t i = 0; i < observations->size(); ++i) {
      const auto place = fmt::format("observations[{}]", i);
      const auto* object = (*observations)[i].if_object();
      if (!object) {
        whole.report(place, "is not an object");
        continue;
      }
      Reading reading(*object, place + ".");
      report.observations.push_back(read_observation(reading));
      for (auto& error : reading.errors)
        whole.errors.push_back(std::move(error));
    }
  }
  if (whole.errors.empty()) return report;
  return std::unexpected(settings::invalid_fields(std::move(whole.errors)));
}

}  // namespace punctual::probe
