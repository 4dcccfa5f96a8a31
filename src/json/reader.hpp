// Strict JSON (RFC 8259), read by simdjson: the whole text is validated, members are looked at in place.
//
// A reader keeps the parser's memory for the next text, so one per loop serves all requests; what it returns
// is valid until the next `read`. Texts above `kept_bytes_max` use memory of their own, which is freed.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace punctual::json {

using Element = simdjson::dom::element;

class Reader {
 public:
  static constexpr std::size_t kept_bytes_max = 256 * 1024;
  static constexpr std::size_t depth_max = 256;

  // `text` may be grown in capacity (simdjson reads a little beyond the end), never changed. The error says
  // what is wrong with the text.
  std::expected<Element, std::string> read(std::string& text);

  // The same for text that the caller cannot grow: it is copied.
  std::expected<Element, std::string> read_copy(std::string_view text);

 private:
  std::unique_ptr<simdjson::dom::parser> kept_ = std::make_unique<simdjson::dom::parser>();
  std::unique_ptr<simdjson::dom::parser> large_;
  std::string copy_;
};

}  // namespace punctual::json
