// What was stored through the management API, laid over the file and under the environment.
//
// The tables have the shape of the file's: [timeouts], [pool], [chat], one of [[providers]], one of
// [[rules]]; `fronts` has a list "fronts" of [[front]], which takes the place of the file's as a whole. A
// stored provider or local model with the name of one in the file, and a stored rule with its id, take its
// place. Plain values; `provider_key` is asked once for each stored provider and for each in the file.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.hpp"
#include "config/secret.hpp"

namespace punctual::config {

// Where a provider, a rule or a local model comes from.
enum class Origin : std::uint8_t { built_in, file, stored };

std::string_view name_of(Origin origin);

struct StoredItem {
  std::string id;
  Table table;
};

struct Overlay {
  Table timeouts;
  Table pool;
  Table fronts;
  Table chat;
  std::vector<StoredItem> providers;
  std::vector<StoredItem> rules;
  std::vector<StoredItem> models;
  std::map<std::string, bool, std::less<>> model_pins;  // by name: `pinned` of models that only the file has
  std::function<Secret(std::string_view provider_id)>
      provider_key;  // empty when none is stored; may be unset
};

// The first whose table has this `name`; nullptr: none.
const StoredItem* item_named(const std::vector<StoredItem>& items, std::string_view name);

// The ids of what only the file names: "file-openai"; "file-" and a hash of the match, the pattern and how
// many of the same came before; "file-" and a hash of the name, as that may hold any character.
std::string file_provider_id(std::string_view name);
std::string file_rule_id(std::string_view match, std::string_view pattern, std::size_t same_before);
std::string file_model_id(std::string_view name);

// How errors call the file of what is stored.
inline constexpr std::string_view stored_file = "stored";

}  // namespace punctual::config
