#include "control/body.hpp"

#include <algorithm>
#include <cmath>

#include "config/suggestion.hpp"

namespace punctual::control {

namespace bj = boost::json;

const bj::value* Body::find(std::string_view name) {
  known_.push_back(name);
  const auto found = object_.find(name);
  return found == object_.end() || found->value().is_null() ? nullptr : &found->value();
}

std::optional<std::string> Body::text(std::string_view name) {
  const auto* value = find(name);
  if (!value) return std::nullopt;
  if (value->is_string()) return std::string(value->get_string());
  report(name, "is no text: give one in quotes");
  return std::nullopt;
}

std::string Body::required_text(std::string_view name) {
  if (!object_.contains(name)) report(name, "is missing");
  return text(name).value_or(std::string());
}

std::optional<bool> Body::flag(std::string_view name) {
  const auto* value = find(name);
  if (!value) return std::nullopt;
  if (value->is_bool()) return value->get_bool();
  report(name, "is neither true nor false: give one of them");
  return std::nullopt;
}

std::optional<std::int64_t> Body::whole_number(std::string_view name) {
  const auto* value = find(name);
  if (!value) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  report(name, "is no whole number: give one without quotes");
  return std::nullopt;
}

std::optional<double> Body::number(std::string_view name) {
  const auto* value = find(name);
  if (!value) return std::nullopt;
  if (value->is_number() && std::isfinite(value->to_number<double>())) return value->to_number<double>();
  report(name, "is no number: give one without quotes");
  return std::nullopt;
}

std::optional<std::vector<std::string>> Body::texts(std::string_view name) {
  const auto* value = find(name);
  if (!value) return std::nullopt;
  std::vector<std::string> all;
  const bool is_list = value->is_array() && std::ranges::all_of(value->get_array(), [](const auto& item) {
                         return item.is_string();
                       });
  if (!is_list) {
    report(name, "is no list of texts: give one such as [\"a\", \"b\"]");
    return std::nullopt;
  }
  for (const auto& item : value->get_array())
    all.emplace_back(item.get_string());
  return all;
}

void Body::finish() {
  for (const auto& member : object_) {
    if (std::ranges::find(known_, std::string_view(member.key())) != known_.end()) continue;
    report(member.key(), "is not a known field: " + config::suggestion(member.key(), known_));
  }
}

settings::Error Body::error() const {
  return {settings::ErrorKind::invalid, errors_.front().field + " " + errors_.front().message, errors_};
}

}  // namespace punctual::control
