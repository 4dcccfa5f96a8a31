// The types that a setting can have, read from a TOML value or from the text of a variable.
//
// There are std::string, std::int64_t, double (integers too), bool, std::vector<std::string> (or one text;
// in a variable, separated by commas), std::vector<std::int64_t> (the same) and ByteCount (an integer, or
// text such as "64MiB"). The error is what is wrong and what would be right.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.hpp"

namespace punctual::config {

struct ByteCount {
  std::uint64_t bytes = 0;
};

template <class T>
std::expected<T, std::string> value_as(const Value& value);

template <class T>
std::expected<T, std::string> text_as(std::string_view text);

// clang-format off
template <> std::expected<std::string, std::string> value_as(const Value& value);
template <> std::expected<std::int64_t, std::string> value_as(const Value& value);
template <> std::expected<double, std::string> value_as(const Value& value);
template <> std::expected<bool, std::string> value_as(const Value& value);
template <> std::expected<std::vector<std::string>, std::string> value_as(const Value& value);
template <> std::expected<std::vector<std::int64_t>, std::string> value_as(const Value& value);
template <> std::expected<ByteCount, std::string> value_as(const Value& value);

template <> std::expected<std::string, std::string> text_as(std::string_view text);
template <> std::expected<std::int64_t, std::string> text_as(std::string_view text);
template <> std::expected<double, std::string> text_as(std::string_view text);
template <> std::expected<bool, std::string> text_as(std::string_view text);
template <> std::expected<std::vector<std::string>, std::string> text_as(std::string_view text);
template <> std::expected<std::vector<std::int64_t>, std::string> text_as(std::string_view text);
template <> std::expected<ByteCount, std::string> text_as(std::string_view text);
// clang-format on

}  // namespace punctual::config
