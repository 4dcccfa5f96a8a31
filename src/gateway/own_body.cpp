#include "gateway/own_body.hpp"

#include "json/splice.hpp"

namespace punctual::gateway {

namespace {

constexpr std::size_t header_bytes_max = 1024;

// The body less the member `timeout`, which is ours.
std::string without_timeout(const api::Request& request) {
  json::Splice splice(request.body);
  if (const auto member = json::find_member(request.body, "timeout")) splice.remove(*member);
  return splice.text();
}

}  // namespace

dialects::RequestTranslation translated_body(const api::Request& request, const Passage& passage,
                                             const config::Provider& provider, std::string_view model,
                                             json::Reader& reader) {
  std::string body = request.has_timeout_member ? without_timeout(request) : request.body;
  auto translated = dialects::translate_request(passage.client, passage.upstream, body, model, reader);
  if (!translated || passage.upstream == dialects::Format::messages) return translated;
  // What we have added, or named, in the way that most servers take it.
  if (!provider.quirks.stream_options) {
    json::Splice splice(translated->body);
    if (const auto member = json::find_member(translated->body, "stream_options")) splice.remove(*member);
    translated->body = splice.text();
  }
  if (provider.quirks.max_tokens_member != "max_tokens") {
    if (const auto member = json::find_member(translated->body, "max_tokens")) {
      translated->body.replace(member->begin, std::string_view("\"max_tokens\"").size(),
                               json::quoted(provider.quirks.max_tokens_member));
    }
  }
  return translated;
}

std::string body_for(const api::Request& request, std::string_view model) {
  std::string model_text;
  const auto body = api::upstream_body(request, model, model_text);
  std::string text;
  text.reserve(body.size());
  for (const auto piece : body.pieces())
    text.append(piece);
  return text;
}

std::string as_stream(std::string_view body, dialects::Format upstream, const config::Provider& provider) {
  const bool tells_usage_itself = upstream == dialects::Format::messages;
  json::Splice splice(body);
  if (const auto member = json::find_member(body, "stream")) splice.remove(*member);
  const auto options = json::find_member(body, "stream_options");
  if (options && !tells_usage_itself) splice.remove(*options);
  std::string text = splice.text();
  std::string added = R"("stream":true)";
  if (!tells_usage_itself && provider.quirks.stream_options)
    added.append(R"(,"stream_options":{"include_usage":true})");
  // There is a model, so that something follows.
  text.insert(text.find('{') + 1, added + ",");
  return text;
}

bool add_return_progress(std::string& body) {
  constexpr std::string_view name = "return_progress";
  json::Splice splice(body);
  if (const auto member = json::find_member(body, name)) {
    const auto value = std::string_view(body).substr(member->value_begin, member->end - member->value_begin);
    if (value == "true") return true;
    splice.remove(*member);
    body = splice.text();
  }
  // There is a model, so that something follows.
  body.insert(body.find('{') + 1, R"("return_progress":true,)");
  return false;
}

std::string left_out_header(const std::vector<std::string>& left_out) {
  std::string value;
  for (const auto& member : left_out) {
    if (value.size() + member.size() + 2 > header_bytes_max) return value.append(", ...");
    if (!value.empty()) value.append(", ");
    for (const char c : member)
      value.push_back(c > ' ' && c < '\x7f' && c != ',' ? c : '?');
  }
  return value;
}

}  // namespace punctual::gateway
