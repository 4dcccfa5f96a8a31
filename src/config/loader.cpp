#include "config/loader.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "config/bounds.hpp"
#include "config/load_context.hpp"
#include "config/sections.hpp"
#include "config/suggestion.hpp"
#include "config/text_file.hpp"

namespace punctual::config {

namespace {

void note_unknown_variables(LoadContext& context) {
  std::vector<std::string_view> known(context.known_variables.begin(), context.known_variables.end());
  for (const auto& [name, value] : context.environment.all()) {
    const bool ours = name.starts_with("PUNCTUAL_") || name.starts_with("MLX_SERVER_TIMEOUT_");
    // The tests' own switches, and the default name of a token that admin_token_env may have renamed.
    if (!ours || name.starts_with("PUNCTUAL_TEST") || name == "PUNCTUAL_ADMIN_TOKEN") continue;
    if (context.known_variables.contains(name)) continue;
    const std::string_view near = nearest(name, known);
    context.note(name + " is no setting and is ignored" +
                 (near.empty() ? std::string() : ": did you mean " + std::string(near) + "?"));
  }
}

std::pair<int, std::string_view> by_place(const ConfigurationError& error) {
  return {error.line, error.key};
}

}  // namespace

Loaded load(std::string_view toml_text, std::string_view file_name, const Environment& environment,
            const Overlay& overlay) {
  auto document = parse_document(toml_text, file_name);
  if (!document) return std::unexpected(std::vector{std::move(document.error())});

  auto configuration = std::make_shared<Configuration>();
  LoadContext context{std::string(file_name), environment, *configuration};
  TableReader root(context, *document, "", 0);
  read_timeouts(root, overlay);
  read_server(root);
  read_providers(root, overlay);
  read_pool(root, overlay);
  read_models(root, overlay);
  read_discovery(root);
  read_rules(root, overlay);
  read_front(root, overlay);
  read_chat(root, overlay);
  read_breaker(root);
  read_retries(root);
  root.finish();
  if (!context.errors.empty()) {
    std::ranges::sort(context.errors, std::less(), by_place);
    return std::unexpected(std::move(context.errors));
  }
  note_unknown_variables(context);
  return configuration;
}

Loaded load_file(const std::string& path, const Environment& environment) {
  auto text = read_text_file(path, file_bytes_max, Privacy::any);
  if (!text) return std::unexpected(std::vector{ConfigurationError{path, 0, {}, std::move(text.error())}});
  return load(*text, path, environment);
}

}  // namespace punctual::config
