#include "settings/sections.hpp"

#include <fmt/format.h>

#include <array>

#include "settings/timeouts.hpp"

namespace punctual::settings {

namespace {

namespace bj = boost::json;

struct Count {
  std::string_view name;
  std::int64_t LogSettings::* value;
  std::int64_t least;
  std::int64_t most;
};

constexpr std::array<Count, 3> counts = {
    {{"retention_days", &LogSettings::retention_days, 1, 3650},
     {"retention_bytes", &LogSettings::retention_bytes, 1 << 20, std::int64_t{1} << 50},
     {"contents_days", &LogSettings::contents_days, 1, 365}}};

std::optional<FieldError> problem_with_log(const bj::object::value_type& member) {
  const std::string name(member.key());
  const auto& value = member.value();
  if (value.is_null()) return std::nullopt;
  if (name == "contents") {
    if (value.is_bool()) return std::nullopt;
    return FieldError{name, "is neither true nor false: give one of them"};
  }
  for (const auto& count : counts) {
    if (count.name != name) continue;
    const std::string wanted = fmt::format("give a whole number from {} to {}", count.least, count.most);
    if (!value.is_int64()) return FieldError{name, "is no whole number: " + wanted};
    const auto number = value.get_int64();
    if (number >= count.least && number <= count.most) return std::nullopt;
    return FieldError{name, fmt::format("is {}: {}", number, wanted)};
  }
  return FieldError{name,
                    "is no setting of the request log: there are retention_days, retention_bytes, "
                    "contents and contents_days"};
}

Note store(Stored& stored, Section section, const bj::object& before, const bj::object& body) {
  store_values(stored, section, body);
  return {"update", std::string(name_of(section)), bj::serialize(before), bj::serialize(body)};
}

std::string memory_limit_text(const config::MemoryLimit& limit) {
  if (limit.bytes > 0) return std::to_string(limit.bytes);
  return fmt::format("{:g}%", limit.fraction * 100);
}

// Whoever may use the API could else allow themselves to run programs.
std::optional<Error> change_of_commands(const Snapshot& current, const bj::object& body) {
  const auto found = body.find("commands_by_api");
  if (found == body.end()) return std::nullopt;
  if (found->value() == bj::value(current.configuration->pool.commands_by_api)) return std::nullopt;
  auto error = invalid_field(
      "commands_by_api", "is set by the configuration file ([pool]) or PUNCTUAL_POOL_COMMANDS_BY_API only");
  error.kind = ErrorKind::forbidden;
  return error;
}

std::optional<Error> pinned_in(const config::Environment& environment, const bj::object& body) {
  for (const auto& [name, variable] :
       {std::pair("memory_limit", "PUNCTUAL_POOL_MEMORY_LIMIT"),
        std::pair("idle_unload_seconds", "PUNCTUAL_POOL_IDLE_UNLOAD_SECONDS"),
        std::pair("minimum_resident_seconds", "PUNCTUAL_POOL_MINIMUM_RESIDENT_SECONDS")}) {
    if (!body.contains(name) || !environment.find(variable)) continue;
    auto error = invalid_field(name, std::string("is set by the environment variable ") + variable +
                                         ": change or unset it there and start anew");
    error.kind = ErrorKind::pinned;
    return error;
  }
  return std::nullopt;
}

}  // namespace

LogSettings log_settings(const Snapshot& snapshot) {
  LogSettings settings;
  const auto found = snapshot.stored.values.find(Section::logs);
  if (found == snapshot.stored.values.end()) return settings;
  for (const auto& [name, text] : found->second) {
    boost::system::error_code error;
    const auto value = bj::parse(text, error);
    if (name == "contents" && value.is_bool()) settings.contents = value.get_bool();
    for (const auto& count : counts) {
      if (count.name == name && value.is_int64()) settings.*count.value = value.get_int64();
    }
  }
  return settings;
}

bj::object pool_document(const Snapshot& snapshot) {
  const auto& pool = snapshot.configuration->pool;
  return {{"memory_limit", memory_limit_text(pool.memory_limit)},
          {"idle_unload_seconds", seconds_value(pool.idle_unload.duration)},
          {"minimum_resident_seconds", seconds_value(pool.residence_min)},
          {"commands_by_api", pool.commands_by_api},
          {"version", snapshot.stored.version_of(Section::pool)}};
}

bj::object logs_document(const Snapshot& snapshot) {
  const LogSettings settings = log_settings(snapshot);
  return {{"retention_days", settings.retention_days},
          {"retention_bytes", settings.retention_bytes},
          {"contents", settings.contents},
          {"contents_days", settings.contents_days},
          {"version", snapshot.stored.version_of(Section::logs)}};
}

Result<Service::Published> change_pool(Service& service, const Actor& actor,
                                       std::optional<std::int64_t> if_match, const bj::object& body) {
  return service.change(Section::pool, actor, if_match,
                        [&](Stored& stored, const Snapshot& current) -> Result<Note> {
                          if (auto refused = change_of_commands(current, body))
                            return std::unexpected(std::move(*refused));
                          bj::object changes = body;
                          changes.erase("commands_by_api");
                          if (auto pinned = pinned_in(service.environment(), changes))
                            return std::unexpected(std::move(*pinned));
                          return store(stored, Section::pool, pool_document(current), changes);
                        });
}

Result<Service::Published> change_logs(Service& service, const Actor& actor,
                                       std::optional<std::int64_t> if_match, const bj::object& body) {
  Error invalid;
  for (const auto& member : body) {
    if (auto problem = problem_with_log(member)) invalid.fields.push_back(std::move(*problem));
  }
  if (!invalid.fields.empty()) {
    invalid.message = invalid.fields.front().field + " " + invalid.fields.front().message;
    return std::unexpected(invalid);
  }
  return service.change(Section::logs, actor, if_match,
                        [&](Stored& stored, const Snapshot& current) -> Result<Note> {
                          return store(stored, Section::logs, logs_document(current), body);
                        });
}

}  // namespace punctual::settings
