#include "config/section_reader.hpp"

namespace punctual::config {

namespace {

std::string in_capitals(std::string_view name) {
  std::string result(name);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  }
  return result;
}

}  // namespace

std::optional<SectionReader::Variable> SectionReader::variable_of(std::string_view name,
                                                                  std::string_view alias) {
  std::vector<std::string> names;
  names.reserve(prefixes_.size() + 1);
  for (std::string_view prefix : prefixes_)
    names.push_back(std::string(prefix) + in_capitals(name));
  if (!alias.empty()) names.emplace_back(alias);

  std::optional<Variable> chosen;
  for (const std::string& candidate : names) {
    context().known_variables.insert(candidate);
    const std::string* value = context().environment.find(candidate);
    if (!value) continue;
    if (chosen) {
      context().note(chosen->place.key + " is used; " + candidate +
                     ", which means the same, is set too and ignored");
    } else {
      chosen = Variable{*value, {"environment", 0, candidate, deadline::SourceKind::environment}};
    }
  }
  return chosen;
}

}  // namespace punctual::config
