#include "settings/snapshot.hpp"

#include <algorithm>

#include "config/loader.hpp"
#include "settings/data_sources.hpp"

namespace punctual::settings {

namespace {

using Composed = std::expected<std::shared_ptr<const Snapshot>, std::vector<config::ConfigurationError>>;

// "providers[ID].base_url" is of the provider ID.
std::string id_in(std::string_view key) {
  const auto begin = key.find('[');
  const auto end = key.find(']');
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  return std::string(key.substr(begin + 1, end - begin - 1));
}

bool leave_out(Stored& stored, const config::ConfigurationError& error) {
  if (error.file != config::stored_file) return false;
  const std::string_view key = error.key;
  if (key.starts_with("providers[")) return stored.providers.erase(id_in(key)) > 0;
  if (key.starts_with("models[")) return stored.models.erase(id_in(key)) > 0;
  if (key.starts_with("rules[")) return stored.rules.erase(id_in(key)) > 0;
  if (key.starts_with("fronts")) return stored.values[Section::fronts].erase("fronts") > 0;
  for (const Section section : {Section::timeouts, Section::pool, Section::chat}) {
    const std::string prefix = std::string(name_of(section)) + ".";
    if (key.starts_with(prefix)) {
      return stored.values[section].erase(std::string(key.substr(prefix.size()))) > 0;
    }
  }
  return false;
}

// A rule whose pattern does not compile, told as the reader of the rules would tell it.
std::vector<config::ConfigurationError> pattern_errors(const config::Configuration& configuration,
                                                       const std::string& file_name) {
  std::vector<config::ConfigurationError> errors;
  for (const auto& rule : configuration.rules) {
    const auto matcher = routing::Matcher::compile(rule.match, rule.pattern);
    if (matcher) continue;
    const bool stored = rule.origin == config::Origin::stored;
    errors.push_back({stored ? std::string(config::stored_file) : file_name, 0,
                      "rules[" + rule.id + "].pattern", matcher.error()});
  }
  return errors;
}

}  // namespace

Composed compose(const Base& base, const Stored& stored, const Openers& openers) {
  config::Overlay overlay = overlay_of(stored);
  overlay.provider_key = [&](std::string_view id) {
    const auto found = stored.providers.find(std::string(id));
    if (found == stored.providers.end() || found->second.key_sealed.empty()) return config::Secret();
    return openers.provider_key(id, found->second);
  };
  auto configuration = config::load(base.toml_text, base.file_name, base.environment, overlay);
  if (!configuration) return std::unexpected(std::move(configuration.error()));
  auto errors = pattern_errors(**configuration, base.file_name);
  if (!errors.empty()) return std::unexpected(std::move(errors));
  auto router = routing::Router::build(*configuration);
  if (!router) {
    for (auto& text : router.error())
      errors.push_back({base.file_name, 0, "rules", std::move(text)});
    return std::unexpected(std::move(errors));
  }
  return std::make_shared<const Snapshot>(
      Snapshot{stored, *configuration, std::move(*router), data_sources_of(stored, openers.password)});
}

Composed compose_what_fits(const Base& base, const Stored& stored, const Openers& openers,
                           std::vector<std::string>& left_out) {
  Stored fitting = stored;
  for (;;) {
    auto composed = compose(base, fitting, openers);
    if (composed) return composed;
    bool smaller = false;
    for (const auto& error : composed.error()) {
      if (!leave_out(fitting, error)) continue;
      left_out.push_back(error.text());
      smaller = true;
    }
    if (!smaller) return composed;
  }
}

}  // namespace punctual::settings
