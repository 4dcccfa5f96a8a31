#include "control/guard.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "control/answers.hpp"
#include "net/address.hpp"
#include "secrets/token.hpp"

namespace punctual::control {

namespace {

constexpr std::string_view secure_cookie = "__Host-punctual_session";

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool changes_something(std::string_view method) {
  return method != "GET" && method != "HEAD";
}

// What browsers say of where a request was made (Fetch Metadata, RFC 6454).
bool is_from_elsewhere(const gateway::ManagementRequest& request, bool must_say) {
  const auto site = request.header("sec-fetch-site");
  if (!site.empty()) return site != "same-origin" && site != "none";
  const auto origin = request.header("origin");
  if (origin.empty()) return must_say;
  const auto slashes = origin.find("://");
  return slashes == std::string_view::npos || origin.substr(slashes + 3) != request.header("host");
}

std::string_view bearer_in(const gateway::ManagementRequest& request) {
  const auto value = request.header("authorization");
  if (value.size() < 7 || !base::equals_ignoring_case(value.substr(0, 7), "bearer ")) return {};
  return base::trimmed(value.substr(7));
}

bool is_admin_token(const Services& services, std::string_view presented) {
  if (services.admin_token.empty()) return false;
  const auto wanted = secrets::hash_of(secrets::Purpose::administrator, services.admin_token.reveal());
  return secrets::equal(wanted, secrets::hash_of(secrets::Purpose::administrator, presented));
}

}  // namespace

std::string_view cookie_name(bool secure) {
  return secure ? secure_cookie : session_cookie;
}

std::string set_cookie(bool secure, std::string_view token) {
  std::string text(cookie_name(secure));
  text.append("=").append(token).append("; Path=/; HttpOnly; SameSite=Strict");
  if (secure) text.append("; Secure");
  text.append(token.empty() ? "; Max-Age=0" : "; Max-Age=2592000");
  return text;
}

std::string cookie_in(const gateway::ManagementRequest& request) {
  std::string_view list = request.header("cookie");
  const std::string_view name = cookie_name(request.secure);
  while (!list.empty()) {
    const auto item = base::take_item(list, ';');
    if (item.size() > name.size() && item.starts_with(name) && item[name.size()] == '=')
      return std::string(item.substr(name.size() + 1));
  }
  return {};
}

bool is_known_host(std::string_view host_header, const std::vector<std::string>& hosts) {
  const auto host = without_port(host_header);
  if (net::is_address(host) || base::equals_ignoring_case(host, "localhost") || host.ends_with(".localhost"))
    return true;
  return std::ranges::any_of(hosts,
                             [&](const auto& known) { return base::equals_ignoring_case(known, host); });
}

std::optional<Answer> identify(Context& context) {
  const auto& request = context.request;
  if (const auto bearer = bearer_in(request); !bearer.empty()) {
    if (is_admin_token(context.services, bearer)) {
      context.identity.kind = Identity::Kind::token;
      return std::nullopt;
    }
    return problem_answer(context,
                          {401, context.services.admin_token.empty()
                                    ? "There is no admin token: set PUNCTUAL_ADMIN_TOKEN and start anew. "
                                      "API keys are for /v1 only."
                                    : "This is not the admin token. API keys are for /v1 only."});
  }
  if (!is_known_host(request.header("host"), context.services.hosts)) {
    return problem_answer(context,
                          {403, "This gateway does not know itself as \"" + context.host() +
                                    "\": add the name to server.hosts (PUNCTUAL_SERVER_HOSTS) if it is "
                                    "one of its own."});
  }
  const std::string cookie = cookie_in(request);
  if (changes_something(request.method) && is_from_elsewhere(request, !cookie.empty())) {
    return problem_answer(context, {403,
                                    "This came from another site's page, or did not say where from: a "
                                    "browser must send Origin or Sec-Fetch-Site; programs use the admin "
                                    "token."});
  }
  if (cookie.empty()) return std::nullopt;
  auto visitor = context.services.sessions.check(context.reader, cookie);
  if (visitor) {
    context.identity = {Identity::Kind::user, std::move(visitor->user), std::move(visitor->session.id)};
    return std::nullopt;
  }
  // A session that has ended is nobody's; the routes that need somebody say so.
  if (visitor.error().kind == access::ErrorKind::unauthenticated) return std::nullopt;
  return problem_of(context, visitor.error());
}

}  // namespace punctual::control
