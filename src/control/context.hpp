// One request to the management API, while it is answered: who asks, for what, and with what at hand.
//
// Made and used on one management thread.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/user.hpp"
#include "control/services.hpp"
#include "gateway/management.hpp"
#include "settings/service.hpp"
#include "storage/connection.hpp"

namespace punctual::control {

using Answer = gateway::ManagementAnswer;

struct Identity {
  enum class Kind : std::uint8_t { nobody, user, token };
  Kind kind = Kind::nobody;
  access::User user;       // of Kind::user
  std::string session_id;  // the same

  bool administrator() const {
    return kind == Kind::token || (kind == Kind::user && user.role == access::Role::administrator);
  }
  std::string actor() const { return kind == Kind::token ? "token:admin" : user.actor(); }
};

struct Context {
  Services& services;
  const gateway::ManagementRequest& request;
  storage::Connection& reader;
  std::vector<std::string> arguments = {};  // what stood for {id} in the path, decoded
  Identity identity = {};
  boost::json::object body = {};

  settings::Actor actor() const { return {identity.actor(), request.request_id}; }
  // A change that the database does not take soon fails, so that it does not hold up those behind it.
  static constexpr deadline::Duration write_limit = std::chrono::seconds(5);
  access::Call call() const {
    return {identity.actor(), request.request_id,
            std::min(request.until, services.clock.now() + write_limit)};
  }
  // The client's address without its port: what a guesser of passwords cannot change.
  std::string_view peer() const {
    const std::string_view client = request.client;
    const auto colon = client.rfind(':');
    return colon == std::string_view::npos || client.ends_with(']') ? client : client.substr(0, colon);
  }
  std::string host() const { return std::string(request.header("host")); }
};

}  // namespace punctual::control
