// Everything that the routes of the management API work with. Made by the application; outlives the server.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "access/api_keys.hpp"
#include "access/log_in.hpp"
#include "access/sessions.hpp"
#include "access/set_up.hpp"
#include "access/throttle.hpp"
#include "access/users.hpp"
#include "chat/data_sources.hpp"
#include "chat/desk.hpp"
#include "config/secret.hpp"
#include "control/cores.hpp"
#include "control/local_models.hpp"
#include "probe/book.hpp"
#include "queryaudit/audited_query.hpp"
#include "requestlog/recorder.hpp"
#include "settings/service.hpp"
#include "storage/store.hpp"
#include "targets/book.hpp"

namespace punctual::control {

struct Services {
  storage::Store& store;
  const deadline::Clock& clock;
  settings::Service& settings;
  requestlog::Recorder& recorder;
  Cores& cores;
  LocalModels& local_models;
  targets::Book& targets;
  access::Users& users;
  access::Sessions& sessions;
  access::SetUp& set_up;
  access::LogIn& log_in;
  access::LogInThrottle& throttle;
  access::ApiKeys& api_keys;
  queryaudit::AuditedQueries& queries;
  chat::Desk& desk;
  chat::DataSources& data_sources;
  probe::Book& probes;
  std::function<void()> publish_api_keys;           // until every core has those of the database
  std::function<std::uint64_t()> changes_sequence;  // moves with every change anywhere
  config::Secret admin_token;                       // empty: there is none
  std::vector<std::string> hosts;                   // names that a browser may have come by
  std::string type_base;                            // of problems
  std::string version;
};

}  // namespace punctual::control
