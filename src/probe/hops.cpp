#include "probe/hops.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "base/text.hpp"

namespace punctual::probe {

namespace {

constexpr std::size_t name_bytes_max = 60;

struct Sign {
  std::string_view field;  // whose value begins with, or holds, `text`; empty text: it is there
  std::string_view text;
  std::string_view kind;
};

// Fields that a layer adds to what passes through it, or to its own errors.
constexpr std::array<Sign, 18> signs = {{
    {"server", "nginx", "nginx"},
    {"server", "openresty", "nginx"},
    {"server", "awselb", "alb"},
    {"server", "envoy", "envoy"},
    {"server", "istio-envoy", "envoy"},
    {"server", "caddy", "caddy"},
    {"via", "caddy", "caddy"},
    {"server", "kong", "kong"},
    {"via", "kong", "kong"},
    {"server", "cloudflare", "cloudflare"},
    {"cf-ray", "", "cloudflare"},
    {"server", "cloudfront", "cloudfront"},
    {"via", "cloudfront", "cloudfront"},
    {"x-amz-cf-id", "", "cloudfront"},
    {"x-amz-apigw-id", "", "api-gateway"},
    {"via", "google", "google-load-balancer"},
    {"via", "vegur", "heroku"},
    {"via", "heroku", "heroku"},
}};

// Error pages by what they hold: they tell their maker, whoever passed them on and signed the head.
struct Page {
  std::string_view holds;
  std::string_view kind;
};
constexpr std::array<Page, 5> pages = {{
    {"<hr><center>nginx", "nginx"},
    {"<h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.", "haproxy"},
    {"<h1>408 Request Time-out</h1>\nYour browser didn't send", "haproxy"},
    {"upstream request timeout", "envoy"},
    {"<title>524: A timeout occurred", "cloudflare"},
}};

// Limits that layers have unless somebody changed them, and that are in no table of kinds.
struct Usual {
  int seconds;
  std::string_view name;
};
constexpr std::array<Usual, 6> also_usual = {{
    {50, "HAProxy in its examples"},
    {120, "Cloudflare by its newer text"},
    {180, "Traefik for idle connections"},
    {240, "an Azure load balancer"},
    {300, "Cloud Run, or a proxy on Node (undici)"},
    {350, "an AWS Network Load Balancer"},
}};

const config::FrontKind* kind_named(std::string_view name) {
  return std::ranges::find(config::front_kinds, name, &config::FrontKind::name);
}

bool holds_ignoring_case(std::string_view text, std::string_view wanted) {
  const auto same = [](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
    return lower(a) == lower(b);
  };
  return wanted.empty() || !std::ranges::search(text, wanted, same).empty();
}

// A field's value comes from anywhere: nothing in it may move a terminal's cursor.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, name_bytes_max))
    out += c >= 0x20 && c < 0x7f ? c : '?';
  return out;
}

std::optional<Hop> hop_of(const Sign& sign, const http::Headers& headers) {
  const auto* found = headers.find(sign.field);
  if (!found || !holds_ignoring_case(found->value, sign.text)) return std::nullopt;
  const auto* kind = kind_named(sign.kind);
  const bool says_name = sign.field == "server";
  return Hop{kind, says_name ? printable(found->value) : std::string(kind->title)};
}

}  // namespace

std::vector<Hop> hops_in(const http::ResponseHead& head) {
  std::vector<Hop> hops;
  for (const auto& sign : signs) {
    auto hop = hop_of(sign, head.headers);
    if (!hop) continue;
    const bool known = std::ranges::any_of(hops, [&](const Hop& each) { return each.kind == hop->kind; });
    if (!known) hops.push_back(std::move(*hop));
  }
  return hops;
}

Hop maker_of(const http::ResponseHead& head, std::string_view body_start) {
  const auto hops = hops_in(head);
  for (const auto& page : pages) {
    if (!body_start.contains(page.holds)) continue;
    const auto* kind = kind_named(page.kind);
    const auto signed_too = std::ranges::find(hops, kind, &Hop::kind);
    return signed_too == hops.end() ? Hop{kind, std::string(kind->title)} : *signed_too;
  }
  if (!hops.empty()) return hops.front();
  const auto server = head.headers.value("server");
  return {nullptr, server.empty() ? std::string() : printable(server)};
}

std::string usual_of(deadline::Duration silence) {
  const double seconds = deadline::seconds(silence);
  const double slack = std::max(1.0, seconds / 50);
  std::vector<std::string> names;
  int usual = 0;
  const auto add = [&](int limit, std::string_view name) {
    if (limit == 0 || std::abs(seconds - limit) > slack) return;
    if (usual != 0 && usual != limit) return;
    usual = limit;
    names.emplace_back(name);
  };
  for (const auto& kind : config::front_kinds) {
    add(kind.idle_seconds, kind.title);
    add(kind.total_seconds, kind.title);
  }
  for (const auto& each : also_usual)
    add(each.seconds, each.name);
  if (names.empty()) return {};
  return fmt::format("{} s is what {} {} unless somebody changed it.", usual, fmt::join(names, ", "),
                     names.size() == 1 ? "has" : "have");
}

}  // namespace punctual::probe
