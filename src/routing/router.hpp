// Which targets a model's name leads to: a pure function of the name and one configuration. No I/O, no clock.
//
// Rules by priority, the lower number first, equals in the order of the file, disabled ones left out; the
// first that matches wins. Where none does: a local model of that name, then "provider/model" if the part
// before the first '/' names a provider, then the built-in simulation for names that begin with "sim:" or
// "sim-", then the only configured provider if there is just one (the simulation does not count).
//
// Immutable; any thread may ask. It holds its configuration; its answers point into that.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.hpp"
#include "routing/matcher.hpp"
#include "routing/not_found.hpp"
#include "routing/route.hpp"

namespace punctual::routing {

class Router {
 public:
  // The errors name the rule and what is wrong with its pattern, all of them, for people.
  static std::expected<Router, std::vector<std::string>> build(
      std::shared_ptr<const config::Configuration> configuration);

  // `model` and the router must live as long as the answer is used.
  std::expected<Route, NotFound> route(std::string_view model) const;

 private:
  struct Entry {
    const config::Rule* rule;
    Matcher matcher;
    std::vector<Candidate> targets;  // an empty model: what was asked for
  };

  Router() = default;
  std::expected<Route, NotFound> route_by_name(std::string_view model) const;

  std::shared_ptr<const config::Configuration> configuration_;
  std::vector<Entry> entries_;                   // enabled rules, in the order in which they are tried
  const config::Provider* simulated_ = nullptr;  // the built-in one
  const config::Provider* only_ = nullptr;       // the only other one
};

}  // namespace punctual::routing
