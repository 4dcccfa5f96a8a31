// Checks that several sections share. Each reports what is wrong, and is then false or nothing.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "config/load_context.hpp"
#include "config/suggestion.hpp"

namespace punctual::config {

// The value that `found` names in `choices`.
template <class T, std::size_t count>
std::optional<T> chosen(LoadContext& context, const Found<std::string>& found,
                        const std::array<std::pair<std::string_view, T>, count>& choices) {
  std::array<std::string_view, count> names;
  for (std::size_t i = 0; i < count; ++i) {
    if (choices[i].first == found.value) return choices[i].second;
    names[i] = choices[i].first;
  }
  context.report(found.place, "is \"" + found.value + "\": write " + joined(names, " or "));
  return std::nullopt;
}

// A whole number from `least` to `most`.
bool in_range(LoadContext& context, const Found<std::int64_t>& found, std::int64_t least, std::int64_t most);

// Not empty, at most `bytes_max`, without control characters.
bool is_text(LoadContext& context, const Found<std::string>& found, std::size_t bytes_max);

// A name of a thing: letters, digits, '-', '_', '.'.
bool is_name(LoadContext& context, const Found<std::string>& found);

}  // namespace punctual::config
