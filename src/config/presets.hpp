// Servers that are known by name: what their vendors document, so that nobody has to look it up.
//
// A preset gives a provider's kind, base_url and auth where they are not written, and its quirks.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/provider.hpp"

namespace punctual::config {

struct Preset {
  std::string_view name;   // as in the file: "ollama"
  std::string_view title;  // as its vendor writes it
  ProviderKind kind = ProviderKind::openai;
  std::string_view base_url = {};       // "": everyone has another
  std::string_view base_url_form = {};  // where base_url is empty: what it looks like
  Auth auth = Auth::bearer;
  bool local = false;     // runs on one's own machines
  bool needs_key = true;  // answers nobody without one
  std::string_view note;  // one sentence, for people
  std::string_view documentation;
  Quirks quirks = {};
};

std::span<const Preset> presets();

// nullptr: there is none of that name.
const Preset* preset_named(std::string_view name);

// What is wrong with `name`, which no preset has, and which names there are.
std::string unknown_preset(std::string_view name);

}  // namespace punctual::config
