#include "dialects/json_text.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "json/utf8.hpp"

namespace punctual::dialects {

namespace {

constexpr std::array<bool, 256> make_escaped_bytes() {
  std::array<bool, 256> escaped{};
  for (std::size_t i = 0; i < 0x20; ++i)
    escaped[i] = true;
  escaped['"'] = true;
  escaped['\\'] = true;
  return escaped;
}
constexpr std::array<bool, 256> escaped_bytes = make_escaped_bytes();

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out.append("\\\"");
      break;
    case '\\':
      out.append("\\\\");
      break;
    case '\n':
      out.append("\\n");
      break;
    case '\r':
      out.append("\\r");
      break;
    case '\t':
      out.append("\\t");
      break;
    default: {
      constexpr std::string_view digits = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(c);
      out.append("\\u00");
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 15]);
    }
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!escaped_bytes[static_cast<unsigned char>(text[at])]) continue;
    out.append(text, begin, at - begin);
    append_escape(out, text[at]);
    begin = at + 1;
  }
  out.append(text, begin);
}

void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  append_escaped(out, text);
  out.push_back('"');
}

void append_value(std::string& out, const json::Element& value) {
  using simdjson::dom::element_type;
  switch (value.type()) {
    case element_type::OBJECT:
      append_value(out, simdjson::dom::object(value));
      break;
    case element_type::ARRAY:
      out.push_back('[');
      for (const auto item : simdjson::dom::array(value)) {
        append_comma(out);
        append_value(out, item);
      }
      out.push_back(']');
      break;
    case element_type::STRING:
      append_string(out, std::string_view(value));
      break;
    case element_type::INT64:
      out.append(std::to_string(std::int64_t(value)));
      break;
    case element_type::UINT64:
      out.append(std::to_string(std::uint64_t(value)));
      break;
    case element_type::DOUBLE:
      fmt::format_to(std::back_inserter(out), "{}", double(value));
      break;
    case element_type::BOOL:
      out.append(bool(value) ? "true" : "false");
      break;
    case element_type::NULL_VALUE:
      out.append("null");
      break;
  }
}

void append_value(std::string& out, const simdjson::dom::object& members) {
  out.push_back('{');
  for (const auto [key, value] : members) {
    append_key(out, key);
    append_value(out, value);
  }
  out.push_back('}');
}

void append_comma(std::string& out) {
  if (out.empty()) return;
  const char last = out.back();
  if (last != '{' && last != '[') out.push_back(',');
}

void append_key(std::string& out, std::string_view key) {
  append_comma(out);
  append_string(out, key);
  out.push_back(':');
}

void append_member(std::string& out, std::string_view key, std::string_view text) {
  append_key(out, key);
  append_string(out, text);
}

void append_member(std::string& out, std::string_view key, const char* text) {
  append_member(out, key, std::string_view(text));
}

void append_member(std::string& out, std::string_view key, const json::Element& value) {
  append_key(out, key);
  append_value(out, value);
}

void append_member(std::string& out, std::string_view key, const simdjson::dom::object& members) {
  append_key(out, key);
  append_value(out, members);
}

void append_raw_member(std::string& out, std::string_view key, std::string_view json) {
  append_key(out, key);
  out.append(json);
}

void ObjectEnd::read(std::string_view piece) {
  for (const char c : piece) {
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && depth_ > 0) {
      --depth_;
      if (depth_ == 0) whole_ = true;
    }
  }
}

std::string bounded_utf8(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) {
    text = text.substr(0, bytes_max);
    // Not in the middle of a character.
    for (int i = 0; i < 4 && !text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80; ++i)
      text.remove_suffix(1);
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0) text.remove_suffix(1);
  }
  return json::as_utf8(text);
}

}  // namespace punctual::dialects
