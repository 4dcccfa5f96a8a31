// "Did you mean": the nearest of the words that are known.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace punctual::config {

// How many letters must be added, removed or replaced to make one of the other.
std::size_t edit_distance(std::string_view left, std::string_view right);

// The nearest of `known`, the first of equals, at most 2 edits away; empty when none is.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

// "did you mean connect_seconds?"; without one that is near, "known are a, b and c".
std::string suggestion(std::string_view word, std::span<const std::string_view> known);

// "a", "a or b", "a, b or c".
std::string joined(std::span<const std::string_view> words, std::string_view last_separator);

}  // namespace punctual::config
