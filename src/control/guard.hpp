// Who may do what: the session's cookie, the admin token, and whether a browser was sent here by a stranger.
//
// A page of another site can make a browser send requests with our cookie (CSRF), and a name that points to
// this machine can make it take us for that site (DNS rebinding). So what changes something must come from
// our own pages, and by a name that we know. Programs use the admin token, which no browser sends by itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "control/context.hpp"

namespace punctual::control {

inline constexpr std::string_view session_cookie = "punctual_session";

// The cookie's name where the connection is encrypted: browsers then hold to Secure and Path.
std::string_view cookie_name(bool secure);
// `token` empty: the browser is to forget it.
std::string set_cookie(bool secure, std::string_view token);
std::string cookie_in(const gateway::ManagementRequest& request);

// An address, localhost, or one of `hosts`.
bool is_known_host(std::string_view host_header, const std::vector<std::string>& hosts);

// Sets `context.identity`; a problem when what is presented is wrong, or comes from elsewhere.
std::optional<Answer> identify(Context& context);

}  // namespace punctual::control
