#include "settings/chat.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "settings/timeouts.hpp"

namespace punctual::settings {

namespace {

namespace bj = boost::json;
using config::Chat;

constexpr double seconds_least = 1;
constexpr double seconds_most = 7200;
constexpr std::string_view rounds_name = "rounds_max";

struct ChatSetting {
  std::string_view name;
  deadline::Limit Chat::* limit;  // nullptr: the rounds
};

constexpr std::array<ChatSetting, 4> all_settings = {{
    {"model_call_seconds", &Chat::model_call},
    {"browser_seconds", &Chat::browser},
    {"request_seconds", &Chat::request},
    {rounds_name, nullptr},
}};

const ChatSetting* setting_named(std::string_view name) {
  const auto* found = std::ranges::find(all_settings, name, &ChatSetting::name);
  return found == all_settings.end() ? nullptr : found;
}

bj::value value_of(const Chat& chat, const ChatSetting& setting) {
  return setting.limit ? seconds_value((chat.*setting.limit).duration) : bj::value(chat.rounds_max);
}

const deadline::Source& source_of(const Chat& chat, const ChatSetting& setting) {
  return setting.limit ? (chat.*setting.limit).source : chat.rounds_source;
}

double most_of(const ChatSetting& setting) {
  return setting.limit ? seconds_most : config::chat_rounds_most;
}

std::optional<FieldError> problem_with(const ChatSetting& setting, const bj::value& value) {
  if (value.is_null()) return std::nullopt;
  const std::string right = setting.limit
                                ? fmt::format("give {:g} to {:g} seconds", seconds_least, seconds_most)
                                : fmt::format("give a whole number from 1 to {}", config::chat_rounds_most);
  const bool kind = setting.limit ? value.is_number() : value.is_int64();
  const double number = kind ? value.to_number<double>() : 0;
  if (kind && std::isfinite(number) && number >= 1 && number <= most_of(setting)) return std::nullopt;
  return FieldError{std::string(setting.name),
                    fmt::format("is {}: {}", bj::serialize(value).substr(0, 100), right)};
}

std::optional<Error> check(const bj::object& body, const Chat& current) {
  Error invalid;
  for (const auto& member : body) {
    const auto* setting = setting_named(member.key());
    if (!setting) {
      invalid.fields.push_back({std::string(member.key()),
                                "is no limit of the chat: there are model_call_seconds, browser_seconds, "
                                "request_seconds and rounds_max"});
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
    const auto& source = source_of(current, *setting_named(member.key()));
    if (source.kind != deadline::SourceKind::environment) continue;
    pinned.fields.push_back({std::string(member.key()), "is set by the environment variable " +
                                                            std::string(source.name) +
                                                            ": change or unset it there and start anew"});
  }
  if (pinned.fields.empty()) return std::nullopt;
  pinned.message = pinned.fields.front().field + " " + pinned.fields.front().message;
  return pinned;
}

Result<Note> apply(const bj::object& body, Stored& stored, const Snapshot& current) {
  const auto& chat = current.configuration->chat;
  if (auto problem = check(body, chat)) return std::unexpected(std::move(*problem));
  bj::object before;
  for (const auto& member : body)
    before[member.key()] = value_of(chat, *setting_named(member.key()));
  store_values(stored, Section::chat, body);
  return Note{"update", "chat", bj::serialize(before), bj::serialize(body)};
}

}  // namespace

bj::object chat_document(const Snapshot& snapshot) {
  const Chat defaults;
  const auto& chat = snapshot.configuration->chat;
  bj::object document;
  bj::object values;
  for (const auto& setting : all_settings) {
    const auto& source = source_of(chat, setting);
    document[setting.name] = value_of(chat, setting);
    values[setting.name] = bj::object{{"source", deadline::name_of(source.kind)},
                                      {"source_name", source.name},
                                      {"default", value_of(defaults, setting)},
                                      {"minimum", 1},
                                      {"maximum", static_cast<std::int64_t>(most_of(setting))},
                                      {"pinned", source.kind == deadline::SourceKind::environment}};
  }
  document["values"] = std::move(values);
  document["version"] = snapshot.stored.version_of(Section::chat);
  return document;
}

Result<Service::Published> change_chat(Service& service, const Actor& actor,
                                       std::optional<std::int64_t> if_match, const bj::object& body) {
  return service.change(Section::chat, actor, if_match, [&](Stored& stored, const Snapshot& current) {
    return apply(body, stored, current);
  });
}

Result<Service::Published> rehearse_chat(Service& service, const bj::object& body) {
  return service.rehearse(
      [&](Stored& stored, const Snapshot& current) { return apply(body, stored, current); });
}

}  // namespace punctual::settings
