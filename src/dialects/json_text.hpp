// Writing JSON straight into a text: no document is built, nothing is allocated but the text itself.
//
// Commas are put by looking at what the text ends with, so a caller opens and closes objects and arrays by
// appending the brackets. All strings must be UTF-8, which what `json::Reader` has read is.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include "json/reader.hpp"

namespace punctual::dialects {

// The text between the quotes of a JSON string.
void append_escaped(std::string& out, std::string_view text);

// A JSON string, quotes included.
void append_string(std::string& out, std::string_view text);

// A value as it was read; numbers keep their value, spaces are lost.
void append_value(std::string& out, const json::Element& value);
void append_value(std::string& out, const simdjson::dom::object& members);

// The comma that the next member or item needs, if it needs one.
void append_comma(std::string& out);

// Comma, key, colon.
void append_key(std::string& out, std::string_view key);

void append_member(std::string& out, std::string_view key, std::string_view text);
void append_member(std::string& out, std::string_view key, const char* text);
void append_member(std::string& out, std::string_view key, const json::Element& value);
void append_member(std::string& out, std::string_view key, const simdjson::dom::object& members);
void append_member(std::string& out, std::string_view key, std::integral auto number) {
  append_key(out, key);
  out.append(std::to_string(number));
}
// `json` is JSON already.
void append_raw_member(std::string& out, std::string_view key, std::string_view json);

// Tells when a JSON object that comes in pieces, such as the arguments of a tool call, is whole. Does not
// validate.
class ObjectEnd {
 public:
  void read(std::string_view piece);
  bool whole() const { return whole_; }

 private:
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool whole_ = false;
};

// `text` as UTF-8 of at most about `bytes_max` bytes: bytes that are none are replaced, the rest is cut off.
std::string bounded_utf8(std::string_view text, std::size_t bytes_max);

}  // namespace punctual::dialects
