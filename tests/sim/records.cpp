#include "sim/records.hpp"

namespace punctual::simulation {

namespace bj = boost::json;

std::string RecordLine::text(std::string_view name) const {
  const auto* value = members.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

double RecordLine::number(std::string_view name) const {
  const auto* value = members.if_contains(name);
  if (!value || !value->is_number()) return 0;
  return value->to_number<double>();
}

std::vector<RecordLine> RecordLine::attempts() const {
  std::vector<RecordLine> attempts;
  const auto* list = members.if_contains("attempts");
  if (!list || !list->is_array()) return attempts;
  for (const auto& attempt : list->get_array())
    attempts.push_back({attempt.get_object()});
  return attempts;
}

bool MemoryJournal::write(std::string lines) {
  std::string_view left = lines;
  while (!left.empty()) {
    const auto end = left.find('\n');
    const auto line = left.substr(0, end);
    boost::system::error_code error;
    auto value = bj::parse(line, error);
    if (error || !value.is_object() || end == std::string_view::npos) {
      malformed_.emplace_back(line);
    } else {
      lines_.push_back({value.get_object()});
    }
    left = end == std::string_view::npos ? std::string_view{} : left.substr(end + 1);
  }
  return true;
}

}  // namespace punctual::simulation
