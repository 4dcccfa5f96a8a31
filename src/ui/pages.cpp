#include "ui/pages.hpp"

#include <array>

#include "base/text.hpp"
#include "ui/coding.hpp"

namespace punctual::ui {

namespace {

constexpr std::string_view for_ever = "public, max-age=31536000, immutable";
constexpr std::string_view ask_again = "no-cache";

constexpr auto security_fields = std::to_array<Field>({
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
     "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
     "require-trusted-types-for 'script'; trusted-types svelte-trusted-html"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
});

// A file has an ending; a page has none.
bool names_a_file(std::string_view path) {
  return path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos;
}

const Asset* asset_for(std::span<const Asset> assets, std::string_view path) {
  if (const auto* asset = find_asset(assets, path)) return asset;
  if (path.starts_with("/ui/assets/") || names_a_file(path)) return nullptr;
  return find_asset(assets, "/ui/index.html");
}

// Weak comparison (RFC 9110, section 13.1.2).
bool is_matched(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    auto item = base::take_item(if_none_match, ',');
    if (item == "*") return true;
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == etag) return true;
  }
  return false;
}

PageAnswer missing() {
  PageAnswer answer;
  answer.status = 404;
  answer.media_type = "text/plain; charset=utf-8";
  answer.caching = "no-store";
  answer.body = "There is no such file in this version of the gateway; reload the page.\n";
  return answer;
}

PageAnswer redirection() {
  PageAnswer answer;
  answer.status = 302;
  answer.location = "/ui/";
  answer.caching = "no-store";
  return answer;
}

}  // namespace

std::span<const Field> page_security_fields() {
  return security_fields;
}

bool owns(std::string_view path) {
  return path == "/" || path == "/ui" || path.starts_with("/ui/");
}

PageAnswer answer_page(std::span<const Asset> assets, const PageRequest& request) {
  if (request.path == "/" || request.path == "/ui") return redirection();
  const auto* asset = asset_for(assets, request.path);
  if (!asset) return missing();
  const auto coding = choose_coding(request.accept_encoding,
                                    {.brotli = !asset->brotli.empty(), .gzip = !asset->gzip.empty()});
  PageAnswer answer;
  answer.varies = !asset->brotli.empty() || !asset->gzip.empty();
  answer.caching = asset->immutable ? for_ever : ask_again;
  answer.etag.append("\"").append(asset->tag);
  if (coding == Coding::brotli) answer.etag.append("-br");
  if (coding == Coding::gzip) answer.etag.append("-gz");
  answer.etag.append("\"");
  if (is_matched(request.if_none_match, answer.etag)) {
    answer.status = 304;
    return answer;
  }
  answer.media_type = media_type_of(asset->path);
  answer.body = asset->identity;
  if (coding == Coding::brotli) {
    answer.coding = "br";
    answer.body = asset->brotli;
  } else if (coding == Coding::gzip) {
    answer.coding = "gzip";
    answer.body = asset->gzip;
  }
  return answer;
}

}  // namespace punctual::ui
