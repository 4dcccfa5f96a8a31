// The chain of the built-in chat page: the server's request around the page's own limit around one call of
// the model.
#pragma once

#include "chain/chain.hpp"

namespace punctual::chain {

// How people and the API call it, beside the endpoints.
inline constexpr std::string_view chat_page_name = "chat_page";

// Of what was observed only the probe: its calls are the gateway's own, and its Stop is no limit.
Chain chat_page_chain(const config::Configuration& configuration, const Observed& observed = {});

// Only what is wrong with the order of the three, the innermost first.
std::vector<Finding> chat_order_findings(const config::Chat& chat);

}  // namespace punctual::chain
