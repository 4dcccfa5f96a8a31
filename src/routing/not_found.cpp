#include "routing/not_found.hpp"

#include <algorithm>
#include <vector>

#include "routing/simulated_models.hpp"

namespace punctual::routing {

namespace {

constexpr std::size_t shown_bytes_max = 128;
constexpr std::size_t listed_max = 20;

std::string shortened(std::string_view text) {
  if (text.size() <= shown_bytes_max) return std::string(text);
  std::size_t end = shown_bytes_max;
  const auto continues = [&] { return (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80; };
  while (end > 0 && continues())
    --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string listed(std::vector<std::string> items) {
  if (items.empty()) return "none";
  std::string text;
  const std::size_t shown = std::min(items.size(), listed_max);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text.append(", ");
    text.append(items[i]);
  }
  if (shown < items.size()) text.append(" and ").append(std::to_string(items.size() - shown)).append(" more");
  return text;
}

std::string rules_of(const config::Configuration& configuration) {
  std::vector<std::string> items;
  for (const config::Rule& rule : configuration.rules) {
    if (rule.enabled) items.push_back(rule.pattern + " (" + std::string(name_of(rule.match)) + ")");
  }
  return listed(std::move(items));
}

std::string providers_of(const config::Configuration& configuration) {
  std::vector<std::string> items;
  for (const config::Provider& provider : configuration.providers) {
    if (provider.kind != config::ProviderKind::simulated) items.push_back(provider.name + "/<model>");
  }
  return listed(std::move(items));
}

std::string local_models_of(const config::Configuration& configuration) {
  std::vector<std::string> items;
  items.reserve(configuration.models.size());
  for (const auto& model : configuration.models)
    items.push_back(model.name);
  return items.empty() ? "" : "local models: " + listed(std::move(items)) + "; ";
}

}  // namespace

NotFound not_found(std::string_view model, const config::Configuration& configuration) {
  std::vector<std::string> simulated(simulated_models.begin(), simulated_models.end());
  simulated.emplace_back("sim:<options>");
  return {"There is no model '" + shortened(model) + "'. Rules: " + rules_of(configuration) + "; " +
          local_models_of(configuration) + "providers: " + providers_of(configuration) +
          "; simulated models: " + listed(std::move(simulated)) + "."};
}

}  // namespace punctual::routing
