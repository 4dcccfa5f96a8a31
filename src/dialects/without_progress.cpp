#include "dialects/without_progress.hpp"

#include "json/splice.hpp"

namespace punctual::dialects {

namespace {

constexpr std::string_view member = "prompt_progress";
// Inside of a text the quotes are escaped.
constexpr std::string_view mark = "\"prompt_progress\"";

bool begins_message(const json::Element& chunk) {
  simdjson::dom::element role;
  return !chunk.at_pointer("/choices/0/delta/role").get(role);
}

}  // namespace

void WithoutProgress::event(std::string_view event, std::string& out) {
  if (!event.contains(mark)) {
    out.append(event);
    return;
  }
  const auto read = reader_.read(event);
  simdjson::dom::element progress;
  if (read.kind != UpstreamEventKind::data || read.document.at_key(member).get(progress)) {
    out.append(event);
    return;
  }
  if (!begins_message(read.document)) return;
  const std::string chunk = simdjson::minify(read.document);
  json::Splice splice(chunk);
  splice.remove(*json::find_member(chunk, member));
  out.append("data: ").append(splice.text()).append("\n\n");
}

// An upstream that ends in the middle has said all it will; the relay judges by its events.
bool WithoutProgress::end(std::string& /*out*/) {
  return true;
}

std::expected<std::string, std::string> WithoutProgress::document(std::string_view document) {
  return std::string(document);
}

}  // namespace punctual::dialects
