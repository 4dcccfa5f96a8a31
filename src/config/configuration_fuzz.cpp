// Any bytes as a configuration: the text, then NUL-separated environment variables. Whatever loads must hold
// what the header promises; whatever does not must say why.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/loader.hpp"

namespace {

using namespace punctual;

void require(bool condition) {
  if (!condition) std::abort();
}

config::Environment environment_from(std::string_view text) {
  config::Environment environment;
  while (!text.empty()) {
    const auto entry = text.substr(0, text.find('\0'));
    text.remove_prefix(std::min(entry.size() + 1, text.size()));
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    environment.set(std::string(entry.substr(0, equals)), std::string(entry.substr(equals + 1)));
  }
  return environment;
}

void check(const config::Configuration& configuration) {
  for (const config::Endpoint endpoint : config::all_endpoints) {
    const auto total = configuration.timeouts.limits_for(endpoint)[deadline::Phase::total];
    require(total.duration && *total.duration > deadline::Duration::zero());
  }
  require(!configuration.providers.empty() &&
          configuration.providers.back().name == config::simulated_provider);
  for (const config::Rule& rule : configuration.rules) {
    require(!rule.targets.empty() && !rule.pattern.empty());
    for (const config::Target& target : rule.targets)
      require(configuration.provider_named(target.provider) != nullptr);
  }
  for (const config::Provider& provider : configuration.providers) {
    for (const config::Header& header : provider.headers)
      require((header.name + header.value).find_first_of("\r\n") == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto toml_text = input.substr(0, input.find('\0'));
  const auto rest = input.substr(std::min(toml_text.size() + 1, input.size()));
  const auto loaded = punctual::config::load(toml_text, "fuzz.toml", environment_from(rest));
  if (loaded) {
    check(**loaded);
  } else {
    require(!loaded.error().empty());
    for (const auto& error : loaded.error())
      require(!error.message.empty() && !error.text().empty());
  }
  return 0;
}
