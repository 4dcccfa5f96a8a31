#include "chat/input.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "config/bounds.hpp"
#include "settings/field_errors.hpp"

namespace punctual::chat {

namespace {

namespace bj = boost::json;
using settings::shown;

constexpr std::array<std::string_view, 4> image_types = {"data:image/png;base64,", "data:image/jpeg;base64,",
                                                         "data:image/gif;base64,", "data:image/webp;base64,"};

class Reading {
 public:
  explicit Reading(const config::Chat& chat) : chat_(chat) {}

  Input input;

  void read(const bj::object& body) {
    for (const auto& [name, value] : body) {
      if (name == "model") {
        read_model(value);
      } else if (name == "messages") {
        read_messages(value);
      } else if (name == "data_source") {
        if (!value.is_null()) read_data_source(value);
      } else if (name == "temperature") {
        if (!value.is_null()) read_temperature(value);
      } else if (name == "max_tokens") {
        if (!value.is_null()) read_max_tokens(value);
      } else if (name == "limits") {
        if (!value.is_null()) read_limits(value);
      } else {
        report(name,
               "is not known: there are model, messages, data_source, temperature, max_tokens and "
               "limits");
      }
    }
    for (const auto* name : {"model", "messages"}) {
      if (!body.contains(name)) report(name, "is missing");
    }
  }

  std::optional<settings::Error> error() {
    if (fields_.empty()) return std::nullopt;
    return settings::invalid_fields(std::move(fields_));
  }

 private:
  void report(std::string field, std::string message) {
    fields_.push_back({std::move(field), std::move(message)});
  }

  void read_model(const bj::value& value) {
    if (!value.is_string() || value.get_string().empty()) {
      report("model", fmt::format("is {}: give the name of a model", shown(value)));
    } else if (value.get_string().size() > config::model_bytes_max) {
      report("model", fmt::format("is longer than {} bytes", config::model_bytes_max));
    } else {
      input.model = value.get_string();
    }
  }

  void read_data_source(const bj::value& value) {
    if (!value.is_string() || value.get_string().empty())
      return report("data_source", fmt::format("is {}: give the id of a data source", shown(value)));
    input.data_source = value.get_string();
  }

  void read_temperature(const bj::value& value) {
    const bool good = value.is_number() && value.to_number<double>() >= 0 && value.to_number<double>() <= 2;
    if (!good) return report("temperature", fmt::format("is {}: give a number from 0 to 2", shown(value)));
    input.temperature = value.to_number<double>();
  }

  void read_max_tokens(const bj::value& value) {
    if (!value.is_int64() || value.get_int64() < 1)
      return report("max_tokens", fmt::format("is {}: give a whole number above 0", shown(value)));
    input.max_tokens = value.get_int64();
  }

  void read_messages(const bj::value& value) {
    if (!value.is_array() || value.get_array().empty() || value.get_array().size() > messages_max) {
      return report("messages",
                    fmt::format("is {}: give a list of 1 to {} messages, each {{\"role\", \"content\"}}",
                                shown(value), messages_max));
    }
    std::size_t place = 0;
    for (const auto& message : value.get_array())
      read_message(fmt::format("messages[{}]", place++), message);
    const auto* last = value.get_array().back().if_object();
    const auto* role = last ? last->if_contains("role") : nullptr;
    if (role && *role == "system") report("messages", "end with a system message: the last is the user's");
  }

  void read_message(const std::string& path, const bj::value& value) {
    const auto* message = value.if_object();
    if (!message) return report(path, "is no object: give {\"role\", \"content\"}");
    for (const auto& member : *message) {
      if (member.key() != "role" && member.key() != "content")
        report(path + "." + std::string(member.key()), "is not known: there are role and content");
    }
    const auto* role = message->if_contains("role");
    const bool known = role && (*role == "system" || *role == "user" || *role == "assistant");
    if (!known) {
      report(path + ".role", fmt::format("is {}: give \"system\", \"user\" or \"assistant\"",
                                         role ? shown(*role) : "missing"));
    }
    const auto* content = message->if_contains("content");
    if (!content) return report(path + ".content", "is missing: give a text, or a list of parts");
    if (!read_content(path + ".content", *content) || !known) return;
    input.messages.push_back(bj::object{{"role", *role}, {"content", *content}});
  }

  bool read_content(const std::string& path, const bj::value& content) {
    if (content.is_string()) return true;
    const auto* parts = content.if_array();
    if (!parts || parts->empty() || parts->size() > parts_max) {
      report(path, fmt::format("is {}: give a text, or a list of 1 to {} parts", shown(content), parts_max));
      return false;
    }
    const std::size_t before = fields_.size();
    std::size_t place = 0;
    for (const auto& part : *parts)
      read_part(fmt::format("{}[{}]", path, place++), part);
    return fields_.size() == before;
  }

  void read_part(const std::string& path, const bj::value& value) {
    constexpr std::string_view shapes =
        R"(give {"type": "text", "text"} or {"type": "image_url", "image_url": {"url"}})";
    const auto* part = value.if_object();
    const auto* type = part ? part->if_contains("type") : nullptr;
    if (!type) return report(path, fmt::format("is {}: {}", shown(value), shapes));
    if (*type == "text") {
      const auto* text = part->if_contains("text");
      if (!text || !text->is_string()) report(path + ".text", "is no text");
      return no_other(path, *part, "text");
    }
    if (*type != "image_url") return report(path + ".type", fmt::format("is {}: {}", shown(*type), shapes));
    const auto* image = part->if_contains("image_url");
    const auto* object = image ? image->if_object() : nullptr;
    const auto* url = object ? object->if_contains("url") : nullptr;
    const auto* text = url ? url->if_string() : nullptr;
    const bool known = text && std::ranges::any_of(image_types, [&](std::string_view start) {
                         return std::string_view(*text).starts_with(start);
                       });
    if (!known) {
      report(path + ".image_url.url",
             "is no image of ours: give \"data:image/png;base64,...\"; jpeg, gif and webp are taken too");
    } else {
      no_other(path + ".image_url", *object, "url");
    }
    no_other(path, *part, "image_url");
  }

  void no_other(const std::string& path, const bj::object& object, std::string_view known) {
    for (const auto& member : object) {
      if (member.key() != known && member.key() != "type")
        report(path + "." + std::string(member.key()), "is not known");
    }
  }

  void read_limits(const bj::value& value) {
    const auto* limits = value.if_object();
    if (!limits) return report("limits", "is no object");
    for (const auto& [name, wish] : *limits) {
      if (wish.is_null()) continue;
      if (name == "model_call_seconds") {
        input.wishes.model_call_seconds = wished_seconds(name, wish, *chat_.model_call.duration);
      } else if (name == "request_seconds") {
        input.wishes.request_seconds = wished_seconds(name, wish, *chat_.request.duration);
      } else if (name == "rounds_max") {
        read_rounds(wish);
      } else {
        report("limits." + std::string(name),
               "is not known: there are model_call_seconds, request_seconds and rounds_max");
      }
    }
  }

  std::optional<double> wished_seconds(std::string_view name, const bj::value& wish,
                                       deadline::Duration most) {
    const double seconds = wish.is_number() ? wish.to_number<double>() : 0;
    if (std::isfinite(seconds) && seconds > 0 && seconds <= deadline::seconds(most)) return seconds;
    report("limits." + std::string(name),
           fmt::format("is {}: give a number above 0 and at most {:g}; a request only shortens what the "
                       "settings say",
                       shown(wish), deadline::seconds(most)));
    return std::nullopt;
  }

  void read_rounds(const bj::value& wish) {
    if (wish.is_int64() && wish.get_int64() >= 1 && wish.get_int64() <= chat_.rounds_max) {
      input.wishes.rounds_max = static_cast<std::uint32_t>(wish.get_int64());
      return;
    }
    report("limits.rounds_max",
           fmt::format("is {}: give a whole number from 1 to {}; a request only shortens what the settings "
                       "say",
                       shown(wish), chat_.rounds_max));
  }

  const config::Chat& chat_;
  std::vector<settings::FieldError> fields_;
};

}  // namespace

settings::Result<Input> read_input(const bj::object& body, const config::Chat& chat) {
  Reading reading(chat);
  reading.read(body);
  if (auto error = reading.error()) return std::unexpected(std::move(*error));
  return std::move(reading.input);
}

}  // namespace punctual::chat
