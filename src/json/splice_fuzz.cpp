// Any bytes as a JSON object: where it is one, removing and replacing members of the text gives what editing
// the document gives.
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "json/reader.hpp"
#include "json/splice.hpp"

namespace {

namespace bj = boost::json;
using namespace punctual::json;

void require(bool condition) {
  if (!condition) std::abort();
}

bj::value parsed(std::string_view text, boost::system::error_code& error) {
  bj::parse_options options;
  options.max_depth = 2 * Reader::depth_max;
  return bj::parse(text, error, {}, options);
}

// The first byte chooses what is done with each member.
void edit(std::string_view text, const bj::object& document, unsigned choice) {
  Splice splice(text);
  bj::object expected = document;
  for (const auto& member : document) {
    const auto found = find_member(text, member.key());
    require(found.has_value());
    require(text[found->begin] == '"' && found->begin < found->value_begin &&
            found->value_begin < found->end);
    if (choice % 3 == 1) {
      splice.remove(*found);
      expected.erase(member.key());
    } else if (choice % 3 == 2) {
      splice.replace_value(*found, "[true]");
      expected[member.key()] = bj::array{true};
    }
    choice = choice / 3 * 7 + 1;
  }
  const auto edited = splice.text();
  require(edited.size() == splice.size());
  boost::system::error_code error;
  const auto value = parsed(edited, error);
  require(!error && value == bj::value(expected));
}

bool has_duplicates(const simdjson::dom::object& members, const bj::object& document) {
  return members.size() != document.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  // Must not crash on anything.
  (void)find_member(text, "model");
  Reader reader;
  const auto element = reader.read_copy(text);
  simdjson::dom::object members;
  if (!element || element->get(members)) return 0;
  boost::system::error_code error;
  const auto document = parsed(text, error);
  if (error || has_duplicates(members, document.as_object())) return 0;
  edit(text, document.as_object(), data[0]);
  return 0;
}
