#include "config/api_key.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/bounds.hpp"
#include "config/text_file.hpp"

namespace punctual::config {

namespace {

// Keys come out of files and shells with a line's end.
std::string without_space_around(const std::string& text) {
  constexpr std::string_view space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

// What it says never contains the key.
std::optional<std::string> problem_of(std::string_view key) {
  if (key.empty()) return "is empty: give a key, or leave it out";
  if (key.size() > key_bytes_max) return "is too long for a key: at most 16384 bytes";
  if (!std::ranges::all_of(key, [](char c) { return c > ' ' && c < '\x7f'; })) {
    return "holds a space, a control character or one outside ASCII, which no key has: check what it holds";
  }
  return std::nullopt;
}

void take(TableReader& reader, std::string_view setting, const std::string& subject, const std::string& text,
          Provider& provider) {
  std::string key = without_space_around(text);
  if (const auto problem = problem_of(key)) return reader.report(setting, subject + *problem);
  provider.api_key = Secret(std::move(key));
}

void take_from_variable(TableReader& reader, const std::string& name, Provider& provider) {
  LoadContext& context = reader.context();
  context.known_variables.insert(name);
  provider.key_from = name;
  const std::string* value = context.environment.find(name);
  if (!value || value->empty()) {
    const std::string state = value ? "empty" : "not set";
    return reader.report("api_key_env", "names the variable " + name + ", which is " + state +
                                            ": set it to the provider's key, or remove this line");
  }
  take(reader, "api_key_env", "names the variable " + name + ", which ", *value, provider);
}

void take_from_file(TableReader& reader, const std::string& path, Provider& provider) {
  provider.key_from = path;
  const std::string subject = "names the file " + path + ", which ";
  const auto text = read_text_file(path, key_bytes_max, Privacy::owner_only);
  if (!text) return reader.report("api_key_file", subject + text.error());
  take(reader, "api_key_file", subject, *text, provider);
}

}  // namespace

void read_api_key(TableReader& reader, Provider& provider) {
  const auto key = reader.read<std::string>("api_key");
  const auto variable = reader.read<std::string>("api_key_env");
  const auto file = reader.read<std::string>("api_key_file");
  if (int{key.has_value()} + int{variable.has_value()} + int{file.has_value()} > 1) {
    const auto setting = variable ? "api_key_env" : "api_key_file";
    return reader.report(setting,
                         "is one of several keys: give one of api_key, api_key_env and api_key_file");
  }
  if (key) {
    provider.key_from = "api_key";
    take(reader, "api_key", "", key->value, provider);
  }
  if (variable) take_from_variable(reader, variable->value, provider);
  if (file) take_from_file(reader, file->value, provider);
}

}  // namespace punctual::config
