#include "json/reader.hpp"

namespace punctual::json {

std::expected<Element, std::string> Reader::read(std::string& text) {
  if (text.capacity() < text.size() + simdjson::SIMDJSON_PADDING)
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  auto& parser = text.size() > kept_bytes_max ? large_ : kept_;
  if (!parser) parser = std::make_unique<simdjson::dom::parser>();
  if (parser->max_depth() != depth_max) {
    if (parser->allocate(1024, depth_max)) return std::unexpected("not enough memory");
  }
  Element element;
  const auto error = parser->parse(text.data(), text.size(), false).get(element);
  if (text.size() <= kept_bytes_max) large_.reset();
  if (error) return std::unexpected(simdjson::error_message(error));
  return element;
}

std::expected<Element, std::string> Reader::read_copy(std::string_view text) {
  copy_.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  copy_.assign(text);
  return read(copy_);
}

}  // namespace punctual::json
