#include "dialects/token_estimate.hpp"

#include <string_view>

namespace punctual::dialects {

namespace {

constexpr std::uint64_t bytes_per_token = 4;
constexpr std::uint64_t image_tokens = 1500;
constexpr std::uint64_t frame_tokens = 4;

struct Sum {
  std::uint64_t text_bytes = 0;
  std::uint64_t other_tokens = 0;
};

// Names of members count where the model sees them too, as in a tool's schema.
void add(const json::Element& value, bool names, Sum& sum) {
  std::string_view text;
  simdjson::dom::array items;
  simdjson::dom::object members;
  if (!value.get(text)) {
    sum.text_bytes += text.size();
  } else if (!value.get(items)) {
    for (const auto item : items)
      add(item, names, sum);
  } else if (!value.get(members)) {
    std::string_view type;
    if (!members["type"].get(type) && (type == "image" || type == "document")) {
      sum.other_tokens += image_tokens;
      return;
    }
    for (const auto [key, member] : members) {
      if (!names && (key == "type" || key == "role" || key == "cache_control" || key == "signature"))
        continue;
      if (names) sum.text_bytes += key.size();
      add(member, names || key == "input" || key == "input_schema", sum);
    }
  } else if (names) {
    sum.text_bytes += bytes_per_token;
  }
}

}  // namespace

std::uint64_t estimated_input_tokens(const json::Element& request) {
  Sum sum;
  for (const char* part : {"system", "messages", "tools"}) {
    json::Element value;
    if (request.at_key(part).get(value)) continue;
    add(value, false, sum);
    simdjson::dom::array items;
    if (!value.get(items)) sum.other_tokens += frame_tokens * items.size();
  }
  return sum.other_tokens + ((sum.text_bytes + bytes_per_token - 1) / bytes_per_token);
}

}  // namespace punctual::dialects
