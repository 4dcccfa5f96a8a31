#include "settings/timeouts.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace punctual::settings {

namespace {

namespace bj = boost::json;
using config::Timeouts;

constexpr std::array<TimeoutSetting, 13> all_settings = {{
    {"chat_seconds", &Timeouts::chat, 60, 7200, false},
    {"completions_seconds", &Timeouts::completions, 60, 7200, false},
    {"embeddings_seconds", &Timeouts::embeddings, 30, 600, false},
    {"receive_head_seconds", &Timeouts::receive_head, 1, 600, false},
    {"receive_seconds", &Timeouts::receive, 1, 3600, false},
    {"queue_seconds", &Timeouts::queue, 1, 7200, true},
    {"load_seconds", &Timeouts::load, 1, 7200, true},
    {"connect_seconds", &Timeouts::connect, 0.1, 300, false},
    {"first_token_seconds", &Timeouts::first_token, 0.1, 7200, true},
    {"idle_seconds", &Timeouts::idle, 0.1, 7200, true},
    {"attempt_seconds", &Timeouts::attempt, 0.1, 7200, true},
    {"drain_seconds", &Timeouts::drain, 1, 3600, true},
    {"heartbeat_seconds", &Timeouts::heartbeat, 1, 300, true},
}};

constexpr std::array<std::pair<std::string_view, deadline::Phase>, 8> override_names = {
    {{"total_seconds", deadline::Phase::total},
     {"queue_seconds", deadline::Phase::queue},
     {"load_seconds", deadline::Phase::load},
     {"connect_seconds", deadline::Phase::connect},
     {"first_token_seconds", deadline::Phase::first_token},
     {"idle_seconds", deadline::Phase::idle},
     {"attempt_seconds", deadline::Phase::attempt},
     {"drain_seconds", deadline::Phase::drain}}};

const TimeoutSetting* setting_named(std::string_view name) {
  for (const auto& setting : all_settings) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

std::string range_text(const TimeoutSetting& setting) {
  return fmt::format("give {:g} to {:g} seconds{}", setting.least, setting.most,
                     setting.zero_is_none ? ", or 0 for none" : "");
}

std::optional<FieldError> problem_with(const TimeoutSetting& setting, const bj::value& value) {
  const std::string name(setting.name);
  if (value.is_null()) return std::nullopt;
  if (!value.is_number()) {
    return FieldError{
        name, "is " + bj::serialize(value).substr(0, 100) + ", which is no number: " + range_text(setting)};
  }
  const double seconds = value.to_number<double>();
  if (seconds == 0 && setting.zero_is_none) return std::nullopt;
  if (std::isfinite(seconds) && seconds >= setting.least && seconds <= setting.most) return std::nullopt;
  return FieldError{name, fmt::format("is {:g}: {}", seconds, range_text(setting))};
}

std::optional<Error> check(const bj::object& body, const Snapshot& current) {
  Error invalid;
  for (const auto& member : body) {
    const auto* setting = setting_named(member.key());
    if (!setting) {
      invalid.fields.push_back(
          {std::string(member.key()), "is no limit: see /api/settings/timeouts/effective"});
    } else if (auto problem = problem_with(*setting, member.value())) {
      invalid.fields.push_back(std::move(*problem));
    }
  }
  if (!invalid.fields.empty()) {
    invalid.message = invalid.fields.front().field + " " + invalid.fields.front().message;
    return invalid;
  }
  Error pinned{ErrorKind::pinned, {}, {}};
  for (const auto& member : body) {
    const auto& source = (current.configuration->timeouts.*setting_named(member.key())->limit).source;
    if (source.kind != deadline::SourceKind::environment) continue;
    pinned.fields.push_back({std::string(member.key()), "is set by the environment variable " +
                                                            std::string(source.name) +
                                                            ": change or unset it there and start anew"});
  }
  if (pinned.fields.empty()) return std::nullopt;
  pinned.message = pinned.fields.front().field + " " + pinned.fields.front().message;
  return pinned;
}

// Only what the change is about.
std::string document_of(const bj::object& all, const bj::object& wanted) {
  bj::object some;
  for (const auto& member : wanted)
    some[member.key()] = all.at(member.key());
  return bj::serialize(some);
}

bj::object scope_document(std::string_view id, std::string_view name,
                          const deadline::LimitOverrides& overrides) {
  return {{"id", id}, {"name", name}, {"timeouts", overrides_document(overrides)}};
}

Result<Note> apply(const bj::object& body, Stored& stored, const Snapshot& current) {
  if (auto problem = check(body, current)) return std::unexpected(std::move(*problem));
  store_values(stored, Section::timeouts, body);
  return Note{"update", "timeouts", document_of(timeouts_document(current), body), bj::serialize(body)};
}

}  // namespace

std::span<const TimeoutSetting> timeout_settings() {
  return all_settings;
}

bj::value seconds_value(const std::optional<deadline::Duration>& duration) {
  const double seconds = duration ? std::chrono::duration<double>(*duration).count() : 0;
  if (seconds == std::floor(seconds) && seconds < 1e15) return static_cast<std::int64_t>(seconds);
  return seconds;
}

bj::object overrides_document(const deadline::LimitOverrides& overrides) {
  bj::object object;
  for (const auto& [name, phase] : override_names) {
    if (const auto& limit = overrides[phase]) object[name] = seconds_value(limit->duration);
  }
  return object;
}

bj::object timeouts_document(const Snapshot& snapshot) {
  bj::object object;
  for (const auto& setting : all_settings)
    object[setting.name] = seconds_value((snapshot.configuration->timeouts.*setting.limit).duration);
  return object;
}

bj::object effective_timeouts_document(const Snapshot& snapshot) {
  const Timeouts defaults;
  bj::array settings;
  for (const auto& setting : all_settings) {
    const auto& limit = snapshot.configuration->timeouts.*setting.limit;
    settings.push_back(bj::object{
        {"name", setting.name},
        {"value", seconds_value(limit.duration)},
        {"default", seconds_value((defaults.*setting.limit).duration)},
        {"minimum", setting.least},
        {"maximum", setting.most},
        {"zero_is_none", setting.zero_is_none},
        {"source", deadline::name_of(limit.source.kind)},
        {"source_name", limit.source.name},
        {"pinned", limit.source.kind == deadline::SourceKind::environment},
    });
  }
  bj::array rules;
  for (const auto& rule : snapshot.configuration->rules) {
    auto document = scope_document(rule.id, rule.pattern, rule.timeouts);
    if (!document["timeouts"].get_object().empty()) rules.push_back(std::move(document));
  }
  bj::array providers;
  for (const auto& provider : snapshot.configuration->providers) {
    auto document = scope_document(provider.id, provider.name, provider.timeouts);
    if (!document["timeouts"].get_object().empty()) providers.push_back(std::move(document));
  }
  return {{"settings", std::move(settings)},
          {"rules", std::move(rules)},
          {"providers", std::move(providers)},
          {"version", snapshot.stored.version}};
}

Result<Service::Published> change_timeouts(Service& service, const Actor& actor,
                                           std::optional<std::int64_t> if_match, const bj::object& body) {
  return service.change(Section::timeouts, actor, if_match, [&](Stored& stored, const Snapshot& current) {
    return apply(body, stored, current);
  });
}

Result<Service::Published> rehearse_timeouts(Service& service, const bj::object& body) {
  return service.rehearse(
      [&](Stored& stored, const Snapshot& current) { return apply(body, stored, current); });
}

}  // namespace punctual::settings
