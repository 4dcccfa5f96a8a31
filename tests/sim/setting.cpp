#include "sim/setting.hpp"

#include <algorithm>

namespace punctual::simulation {

using deadline::SourceKind;

std::string rule_of(const std::vector<std::string>& targets, std::string_view timeouts) {
  std::string text = "[[rules]]\npriority = 1\nmatch = \"exact\"\npattern = \"ruled\"\ntargets = [";
  for (const auto& target : targets) {
    const auto slash = target.find('/');
    text +=
        "{ provider = \"" + target.substr(0, slash) + "\", model = \"" + target.substr(slash + 1) + "\" }, ";
  }
  text += "]\n";
  if (!timeouts.empty()) text += "timeouts = { " + std::string(timeouts) + " }\n";
  return text;
}

std::string set_limit(SourceKind kind, std::string_view key, std::string_view seconds,
                      World::Options& options, Asking& asking) {
  const std::string assignment = std::string(key) + " = " + std::string(seconds);
  switch (kind) {
    case SourceKind::file:
      options.settings += "[timeouts]\n" + assignment + "\n";
      return "file timeouts." + std::string(key);
    case SourceKind::environment: {
      std::string name = "PUNCTUAL_TIMEOUT_" + std::string(key);
      std::ranges::transform(name, name.begin(),
                             [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c); });
      options.environment[name] = seconds;
      return "environment " + name;
    }
    case SourceKind::rule:
      options.settings += rule_of({asking.model}, assignment);
      asking.model = "ruled";
      return "rule ruled: " + std::string(key);
    case SourceKind::provider: {
      const std::string name(upstream_of(asking.route));
      options.providers = "[[providers]]\nname = \"" + name + "\"\nkind = \"" +
                          (asking.route == Route::messages ? "anthropic" : "openai") +
                          "\"\nbase_url = \"http://" + name + "/v1\"\ntimeouts = { " + assignment + " }\n";
      return "provider " + name + ": " + std::string(key);
    }
    default:
      return "default";
  }
}

}  // namespace punctual::simulation
