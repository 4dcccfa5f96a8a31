#include "dialects/without_progress.hpp"

#include "json/splice.hpp"

namespace punctual::dialects {

namespace {

constexpr std::string_view member = "prompt_progress";
// Inside of a text the quotes are escaped.
constexpr std::string_view mark = "\"prompt_progress\"";

bool has_text(const json::Element& chunk, std::string_view pointer) {
  std::string_view text;
  return !chunk.at_pointer(pointer).get(text) && !text.empty();
}

bool has_content(const json::Element& chunk) {
  simdjson::dom::element any;
  return has_text(chunk, "/choices/0/delta/content") || has_text(chunk, "/choices/0/text") ||
         has_text(chunk, "/choices/0/delta/reasoning_content") ||
         !chunk.at_pointer("/choices/0/delta/tool_calls").get(any);
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
  if (!has_content(read.document)) return;
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
