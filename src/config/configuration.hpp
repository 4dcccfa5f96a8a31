// Everything that the process was told at its start: plain values, checked and complete.
//
// Made by the loader, held as std::shared_ptr<const Configuration>, read from any thread. It neither copies
// nor moves, because the sources of its limits are views into `texts`: limits made from it live as long as
// it.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "config/breaker.hpp"
#include "config/chat.hpp"
#include "config/discovery.hpp"
#include "config/front.hpp"
#include "config/pool.hpp"
#include "config/provider.hpp"
#include "config/rule.hpp"
#include "config/server.hpp"
#include "config/timeouts.hpp"

namespace punctual::config {

struct Configuration {
  Configuration() = default;
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;
  Configuration(Configuration&&) = delete;
  Configuration& operator=(Configuration&&) = delete;
  ~Configuration() = default;

  Server server;
  Timeouts timeouts;
  std::vector<Provider> providers;  // in the order of the file; the built-in "sim" is the last
  std::vector<Rule> rules;          // in the order of the file
  std::vector<Front> fronts;        // from the outside in
  std::size_t fronts_in_file = 0;   // in whose place stored ones may be
  Breaker breaker;
  Retries retries;
  Pool pool;
  Chat chat;
  std::vector<LocalModel> models;  // in the order of the file, then those that are stored
  Discovery discovery;
  std::vector<std::string> notices;  // for the log: which of two variables won, which is unknown
  std::deque<std::string> texts;     // what the sources of the limits point into

  // nullptr when there is none of that name.
  const Provider* provider_named(std::string_view name) const;
  const LocalModel* model_named(std::string_view name) const;
};

}  // namespace punctual::config
