// Commands that a person can paste to see a gateway answer.
#pragma once

#include <string>
#include <string_view>

#include "config/server.hpp"

namespace punctual::app {

// `listen` of the settings, as a client reaches it from this machine: the arguments of curl before the path.
std::string curl_address(const config::Server& server);

// Two or three lines, indented. `keyed`: /v1 asks for API keys.
std::string chat_command(const config::Server& server, std::string_view model, bool keyed);
std::string embedding_command(const config::Server& server, std::string_view model, bool keyed);

}  // namespace punctual::app
