#include "config/overlay.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace punctual::config {

namespace {

// FNV-1a: an id has to stay the same from start to start, no more.
std::uint64_t hash_of(std::string_view text, std::uint64_t hash = 14695981039346656037U) {
  for (const char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

}  // namespace

std::string_view name_of(Origin origin) {
  switch (origin) {
    case Origin::built_in:
      return "built-in";
    case Origin::file:
      return "file";
    case Origin::stored:
      return "stored";
  }
  return "unknown";
}

const StoredItem* item_named(const std::vector<StoredItem>& items, std::string_view name) {
  for (const StoredItem& item : items) {
    const auto found = std::ranges::find(item.table, "name", &Member::key);
    if (found == item.table.end()) continue;
    const auto* text = std::get_if<std::string>(&found->value.data);
    if (text && *text == name) return &item;
  }
  return nullptr;
}

std::string file_provider_id(std::string_view name) {
  return "file-" + std::string(name);
}

std::string file_rule_id(std::string_view match, std::string_view pattern, std::size_t same_before) {
  const std::uint64_t hash = hash_of(pattern, hash_of(match) ^ same_before);
  return fmt::format("file-{:016x}", hash);
}

std::string file_model_id(std::string_view name) {
  return fmt::format("file-{:016x}", hash_of(name));
}

}  // namespace punctual::config
