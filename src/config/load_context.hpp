// What the readers of the sections share while one configuration is loaded: where errors and notices go.
//
// Lives for one call of `load`, on its thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.hpp"
#include "config/configuration_error.hpp"
#include "config/environment.hpp"
#include "deadline/limits.hpp"

namespace punctual::config {

// Where a value stands: a line of the file, or a variable (whose name is the key).
struct Place {
  std::string file;
  int line = 0;
  std::string key;
  deadline::SourceKind kind = deadline::SourceKind::file;
};

template <class T>
struct Found {
  T value;
  Place place;
};

struct LoadContext {
  std::string file;
  const Environment& environment;
  Configuration& configuration;
  std::vector<ConfigurationError> errors = {};
  std::set<std::string, std::less<>> known_variables = {};

  // `message` is "what is wrong: what would be right".
  void report(const Place& place, std::string message) {
    errors.push_back({place.file, place.line, place.key, std::move(message)});
  }
  void note(std::string text) { configuration.notices.push_back(std::move(text)); }

  // A view that lives as long as the configuration.
  std::string_view keep(std::string text) { return configuration.texts.emplace_back(std::move(text)); }
};

}  // namespace punctual::config
