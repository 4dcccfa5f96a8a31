// ASCII text as protocols use it: comparison without case, trimming, strict numbers. No locale.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace punctual::base {

// Compares ASCII letters without case (RFC 9110 field names, schemes, codings).
inline bool equals_ignoring_case(std::string_view left, std::string_view right);
inline bool starts_with_ignoring_case(std::string_view text, std::string_view beginning) {
  return text.size() >= beginning.size() && equals_ignoring_case(text.substr(0, beginning.size()), beginning);
}

// Without spaces and tabs at both ends (RFC 9110 OWS).
std::string_view trimmed(std::string_view text);

// The part of `list` before the first `separator`, which is removed from `list` with it. Trimmed.
std::string_view take_item(std::string_view& list, char separator);

// A whole decimal number, digits only, nothing around it; nothing when it does not fit.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

// A finite decimal number such as `2`, `0.25` or `1e3`, nothing around it.
std::optional<double> parse_decimal(std::string_view text);

// A fixed set of field names; most names that are not in it are told by their length and first letter. Names
// are given in lower case and have fewer than 64 characters.
template <std::size_t count>
class NameSet {
 public:
  constexpr explicit NameSet(const std::array<std::string_view, count>& names) : names_(names) {
    for (const auto name : names)
      lengths_ |= std::uint64_t{1} << name.size();
  }

  bool contains(std::string_view name) const {
    if (name.empty() || name.size() >= 64 || !(lengths_ >> name.size() & 1)) return false;
    const char first = static_cast<char>(name.front() | 0x20);
    for (const auto known : names_) {
      if (known.size() == name.size() && known.front() == first && equals_ignoring_case(known, name))
        return true;
    }
    return false;
  }

 private:
  std::array<std::string_view, count> names_;
  std::uint64_t lengths_ = 0;
};

// Percent-decoding (RFC 3986, section 2.1); what is no escape stays.
std::string percent_decoded(std::string_view text);

// Here, because nearly every comparison ends at the lengths.
inline bool equals_ignoring_case(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const auto a = static_cast<unsigned char>(left[i]);
    const auto b = static_cast<unsigned char>(right[i]);
    if (a == b) continue;
    if ((a ^ b) != 0x20 || (a | 0x20) < 'a' || (a | 0x20) > 'z') return false;
  }
  return true;
}

}  // namespace punctual::base
