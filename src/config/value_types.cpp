#include "config/value_types.hpp"

#include <charconv>

#include "base/text.hpp"
#include "config/byte_count.hpp"

namespace punctual::config {

namespace {

using Problem = std::unexpected<std::string>;
using TextList = std::vector<std::string>;
using IntegerList = std::vector<std::int64_t>;

constexpr std::string_view want_text = "write text in quotes";
constexpr std::string_view want_integer = "write a whole number";
constexpr std::string_view want_number = "write a number, such as 30 or 0.5";
constexpr std::string_view want_boolean = "write true or false";
constexpr std::string_view want_list = "write text in quotes or a list of it";
constexpr std::string_view want_integers = "write a whole number or a list of them";
constexpr std::string_view want_bytes = "write a whole number of bytes, or text such as \"64MiB\"";

Problem wrong_kind(const Value& value, std::string_view wanted) {
  return Problem("is " + std::string(kind_of(value)) + ": " + std::string(wanted));
}

Problem wrong_text(std::string_view text, std::string_view wanted) {
  constexpr std::size_t shown_max = 60;
  const bool long_one = text.size() > shown_max;
  std::string shown(text.substr(0, shown_max));
  return Problem("is \"" + shown + (long_one ? "...\": " : "\": ") + std::string(wanted));
}

template <class T>
std::expected<T, std::string> plain(const Value& value, std::string_view wanted) {
  if (const T* found = std::get_if<T>(&value.data)) return *found;
  return wrong_kind(value, wanted);
}

}  // namespace

template <>
std::expected<std::string, std::string> value_as(const Value& value) {
  return plain<std::string>(value, want_text);
}

template <>
std::expected<std::int64_t, std::string> value_as(const Value& value) {
  return plain<std::int64_t>(value, want_integer);
}

template <>
std::expected<bool, std::string> value_as(const Value& value) {
  return plain<bool>(value, want_boolean);
}

template <>
std::expected<double, std::string> value_as(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return static_cast<double>(*whole);
  return plain<double>(value, want_number);
}

template <>
std::expected<TextList, std::string> value_as(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.data)) return TextList{*text};
  const List* list = std::get_if<List>(&value.data);
  if (!list) return wrong_kind(value, want_list);
  TextList result;
  for (const Value& item : *list) {
    const auto* text = std::get_if<std::string>(&item.data);
    if (!text)
      return Problem("has an item that is " + std::string(kind_of(item)) + ": " + std::string(want_list));
    result.push_back(*text);
  }
  return result;
}

template <>
std::expected<IntegerList, std::string> value_as(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return IntegerList{*whole};
  const List* list = std::get_if<List>(&value.data);
  if (!list) return wrong_kind(value, want_integers);
  IntegerList result;
  for (const Value& item : *list) {
    const auto* whole = std::get_if<std::int64_t>(&item.data);
    if (!whole)
      return Problem("has an item that is " + std::string(kind_of(item)) + ": " + std::string(want_integers));
    result.push_back(*whole);
  }
  return result;
}

template <>
std::expected<ByteCount, std::string> value_as(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.data)) return text_as<ByteCount>(*text);
  const auto* bytes = std::get_if<std::int64_t>(&value.data);
  if (!bytes) return wrong_kind(value, want_bytes);
  if (*bytes < 0) return Problem("is negative: " + std::string(want_bytes));
  return ByteCount{static_cast<std::uint64_t>(*bytes)};
}

template <>
std::expected<std::string, std::string> text_as(std::string_view text) {
  return std::string(text);
}

template <>
std::expected<std::int64_t, std::string> text_as(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return wrong_text(text, want_integer);
  return value;
}

template <>
std::expected<double, std::string> text_as(std::string_view text) {
  if (const auto number = base::parse_decimal(text)) return *number;
  return wrong_text(text, want_number);
}

template <>
std::expected<bool, std::string> text_as(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return wrong_text(text, want_boolean);
}

template <>
std::expected<TextList, std::string> text_as(std::string_view text) {
  TextList result;
  while (!text.empty())
    result.emplace_back(base::take_item(text, ','));
  return result;
}

template <>
std::expected<IntegerList, std::string> text_as(std::string_view text) {
  IntegerList result;
  while (!text.empty()) {
    const auto whole = text_as<std::int64_t>(base::trimmed(base::take_item(text, ',')));
    if (!whole) return Problem(whole.error());
    result.push_back(*whole);
  }
  return result;
}

template <>
std::expected<ByteCount, std::string> text_as(std::string_view text) {
  if (const auto bytes = parse_byte_count(text)) return ByteCount{*bytes};
  return wrong_text(text, want_bytes);
}

}  // namespace punctual::config
