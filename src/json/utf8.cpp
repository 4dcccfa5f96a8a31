#include "json/utf8.hpp"

#include <simdjson.h>

namespace punctual::json {

std::string as_utf8(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return std::string(text);
  std::string replaced;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) {
      replaced.push_back(c);
    } else {
      replaced.append("\xef\xbf\xbd");
    }
  }
  return replaced;
}

}  // namespace punctual::json
