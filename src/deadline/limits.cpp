#include "deadline/limits.hpp"

namespace punctual::deadline {

std::string_view name_of(SourceKind kind) {
  switch (kind) {
    case SourceKind::built_in:
      return "default";
    case SourceKind::file:
      return "file";
    case SourceKind::stored:
      return "stored";
    case SourceKind::environment:
      return "environment";
    case SourceKind::rule:
      return "rule";
    case SourceKind::provider:
      return "provider";
    case SourceKind::request:
      return "request";
    case SourceKind::patience:
      return "patience";
    case SourceKind::api_key:
      return "api_key";
  }
  return "unknown";
}

std::string Source::text() const {
  std::string text;
  append_to(text);
  return text;
}

void Source::append_to(std::string& out) const {
  out.append(name_of(kind));
  if (!name.empty()) out.append(" ").append(name);
}

void Limits::shorten(Phase phase, Duration duration, Source source) {
  Limit& limit = limits_[index_of(phase)];
  if (!limit.duration || duration < *limit.duration) limit = {duration, source};
}

void LimitOverrides::apply_to(Limits& limits) const {
  for (Phase phase : all_phases) {
    if (const auto& limit = limits_[index_of(phase)]) limits[phase] = *limit;
  }
}

}  // namespace punctual::deadline
