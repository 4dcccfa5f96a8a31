// The table of the management API: every method and path, who may use it, and what answers.
//
// docs/openapi.json describes the same routes for people; a test holds the two together.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "control/context.hpp"

namespace punctual::control {

// `api_key`: what the data path asks for, which has looked at it already.
enum class Needs : std::uint8_t { nobody, viewer, administrator, api_key };

// Which thread: a slow look into the log must not hold up a change, nor a log-in either of them; other
// people's databases, which may not answer for seconds, none of these; nor may those who have but an API key.
enum class Lane : std::uint8_t { settings, queries, access, databases, chat, probes };
inline constexpr std::size_t lane_count = 6;

struct Route {
  std::string_view method;
  std::string_view pattern;  // "/api/users/{id}"
  Needs needs = Needs::administrator;
  Lane lane = Lane::settings;
  Answer (*handler)(Context& context) = nullptr;
};

std::span<const Route> access_routes();
std::span<const Route> key_routes();
std::span<const Route> settings_routes();
std::span<const Route> provider_routes();
std::span<const Route> rule_routes();
std::span<const Route> request_routes();
std::span<const Route> live_routes();
std::span<const Route> target_routes();
std::span<const Route> chain_routes();
std::span<const Route> pool_routes();
std::span<const Route> chat_routes();
std::span<const Route> datasource_routes();
std::span<const Route> query_routes();
std::span<const Route> model_routes();
std::span<const Route> discovery_routes();
std::span<const Route> probe_routes();

const std::vector<Route>& all_routes();

// Whether `path` has the form of `pattern`; `arguments` are then what stood for its parameters, as sent.
bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& arguments);

}  // namespace punctual::control
