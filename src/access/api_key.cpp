#include "access/api_key.hpp"

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "config/bounds.hpp"
#include "json/reader.hpp"
#include "json/splice.hpp"
#include "routing/glob.hpp"

namespace punctual::access {

namespace {

std::unexpected<Error> invalid(std::string_view field, std::string message) {
  return std::unexpected(Error{ErrorKind::invalid, std::string(field), std::move(message), {}});
}

std::string number_text(const std::optional<std::uint64_t>& number) {
  return number ? std::to_string(*number) : "null";
}

// False when the member is neither a number that fits nor null.
bool read_number(const json::Element& document, std::string_view name, std::optional<std::uint64_t>& number) {
  json::Element value;
  std::uint64_t read = 0;
  if (document[name].get(value) != simdjson::SUCCESS) return false;
  if (value.is_null()) return true;
  if (value.get(read) != simdjson::SUCCESS) return false;
  number = read;
  return true;
}

bool read_duration(const json::Element& document, std::string_view name,
                   std::optional<deadline::Duration>& duration) {
  json::Element value;
  double seconds = 0;
  if (document[name].get(value) != simdjson::SUCCESS) return false;
  if (value.is_null()) return true;
  if (value.get(seconds) != simdjson::SUCCESS) return false;
  duration = deadline::from_seconds(seconds);
  return true;
}

bool read_texts(const json::Element& document, std::string_view name, std::vector<std::string>& texts) {
  simdjson::dom::array values;
  if (document[name].get(values) != simdjson::SUCCESS) return false;
  for (const json::Element value : values) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return false;
    texts.emplace_back(text);
  }
  return true;
}

std::expected<void, Error> check_rate(std::string_view field, const std::optional<std::uint64_t>& rate) {
  if (!rate || (*rate >= 1 && *rate <= key_rate_max)) return {};
  return invalid(field, fmt::format("is {}: give 1 to {}, or nothing for no limit", *rate, key_rate_max));
}

}  // namespace

std::string ApiKeyLimits::document() const {
  std::string text = "{\"models\":[";
  for (std::size_t i = 0; i < models.size(); ++i)
    text.append(i == 0 ? "" : ",").append(json::quoted(models[i]));
  text.append("],\"requests_per_minute\":").append(number_text(requests_per_minute));
  text.append(",\"tokens_per_minute\":").append(number_text(tokens_per_minute));
  text.append(",\"deadline_seconds_max\":");
  if (deadline_max) {
    base::append_seconds(text, *deadline_max);
  } else {
    text.append("null");
  }
  return text.append("}");
}

std::optional<ApiKeyLimits> ApiKeyLimits::parse(std::string_view document) {
  json::Reader reader;
  const auto root = reader.read_copy(document);
  ApiKeyLimits limits;
  if (!root || !root->is_object() || !read_texts(*root, "models", limits.models) ||
      !read_number(*root, "requests_per_minute", limits.requests_per_minute) ||
      !read_number(*root, "tokens_per_minute", limits.tokens_per_minute) ||
      !read_duration(*root, "deadline_seconds_max", limits.deadline_max))
    return std::nullopt;
  return limits;
}

std::expected<void, Error> check_limits(const ApiKeyLimits& limits) {
  if (limits.models.size() > key_models_max) {
    return invalid("models", fmt::format("has {} entries: give at most {}, or a glob such as gpt-*",
                                         limits.models.size(), key_models_max));
  }
  for (const std::string& model : limits.models) {
    if (model.empty() || model.size() > config::pattern_bytes_max) {
      return invalid("models", fmt::format("holds a name of {} bytes: give names of 1 to {}", model.size(),
                                           config::pattern_bytes_max));
    }
    if (const auto pattern = routing::Glob::compile(model); !pattern)
      return invalid("models", fmt::format("holds {}: {}", model, pattern.error()));
  }
  if (auto fine = check_rate("requests_per_minute", limits.requests_per_minute); !fine) return fine;
  if (auto fine = check_rate("tokens_per_minute", limits.tokens_per_minute); !fine) return fine;
  const auto& most = limits.deadline_max;
  if (most && (*most < key_deadline_min || *most > key_deadline_max)) {
    return invalid(
        "deadline_seconds_max",
        fmt::format("is {}: give {} to {} seconds, or nothing for no limit", deadline::seconds(*most),
                    deadline::seconds(key_deadline_min), deadline::seconds(key_deadline_max)));
  }
  return {};
}

}  // namespace punctual::access
