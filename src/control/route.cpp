#include "control/route.hpp"

namespace punctual::control {

namespace {

std::string_view take_part(std::string_view& path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const auto part = path.substr(0, path.find('/'));
  path.remove_prefix(part.size());
  return part;
}

}  // namespace

const std::vector<Route>& all_routes() {
  static const std::vector<Route> all = [] {
    std::vector<Route> routes;
    for (const auto part :
         {access_routes(), key_routes(), settings_routes(), provider_routes(), rule_routes(),
          request_routes(), live_routes(), target_routes(), chain_routes(), pool_routes(), model_routes(),
          discovery_routes(), datasource_routes(), query_routes(), chat_routes(), probe_routes()})
      routes.insert(routes.end(), part.begin(), part.end());
    return routes;
  }();
  return all;
}

bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& arguments) {
  arguments.clear();
  while (!pattern.empty() || !path.empty()) {
    if (pattern.empty() || path.empty()) return false;
    const auto wanted = take_part(pattern);
    const auto part = take_part(path);
    if (wanted.starts_with('{')) {
      if (part.empty()) return false;
      arguments.emplace_back(part);
    } else if (wanted != part) {
      return false;
    }
  }
  return true;
}

}  // namespace punctual::control
