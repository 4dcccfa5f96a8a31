// The management plane, wired: the database, what is kept in it, and the server of /api in front.
//
// Made before the cores, which know only its door; ended after them. `housekeeping` runs on a thread of its
// own: other replicas' changes, retention, sessions that have ended.
#pragma once

#include <atomic>
#include <condition_variable>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "access/log_in.hpp"
#include "app/engine_room.hpp"
#include "app/gateway_cores.hpp"
#include "app/health_checks.hpp"
#include "app/publisher.hpp"
#include "chat/audited_tools.hpp"
#include "control/server.hpp"
#include "queryaudit/audited_query.hpp"
#include "requestlog/recorder.hpp"
#include "requestlog/retention.hpp"
#include "settings/service.hpp"

namespace punctual::app {

struct ManagementOptions {
  const deadline::Clock& clock;
  const settings::Base& base;            // outlives the management
  const config::Configuration& startup;  // of file and environment alone; used by `create` only
  audit::Journal* lines = nullptr;       // where records go as lines too
  bool reachable = false;                // /v1 listens beyond this machine
  EngineRoom& engines;                   // outlives the management
};

class ManagementPlane {
 public:
  // The error is one sentence a line.
  static std::expected<std::unique_ptr<ManagementPlane>, std::string> create(
      const ManagementOptions& options);
  ~ManagementPlane();
  ManagementPlane(const ManagementPlane&) = delete;
  ManagementPlane& operator=(const ManagementPlane&) = delete;

  std::shared_ptr<const gateway::Settings> settings() const { return publisher_.current(); }
  std::size_t key_count() const { return publisher_.key_count(); }
  requestlog::Recorder& recorder() { return recorder_; }
  targets::Book& book() { return book_; }
  gateway::Management& door() { return *server_; }

  // The token of the first set-up; empty when there are users.
  config::Secret start_set_up();

  // Once, when all threads run; and when they are about to end: nothing more is answered then.
  void begin(const std::vector<std::unique_ptr<GatewayThread>>& threads);
  void detach();

  // Any thread.
  std::string metrics_text() const;
  std::string ready_text() const;

 private:
  ManagementPlane(const ManagementOptions& options, std::unique_ptr<storage::Store> store,
                  secrets::Passwords passwords);
  void notified(const storage::Notification& notification);
  void keep_house();
  void clean_up();
  void open_queries();
  void complete_lost_queries(bool starting);

  const deadline::Clock& clock_;
  std::unique_ptr<storage::Store> store_;
  Publisher publisher_;
  requestlog::Recorder recorder_;
  requestlog::Retention retention_;
  GatewayCores cores_;
  targets::Book book_;
  HealthChecks health_checks_;
  secrets::Passwords passwords_;
  access::Users users_;
  access::Sessions sessions_;
  access::SetUp set_up_;
  access::LogInThrottle throttle_;
  access::LogIn log_in_;
  access::ApiKeys api_keys_;
  chat::Desk desk_;
  probe::Book probes_{clock_};
  std::unique_ptr<settings::Service> settings_;
  std::unique_ptr<queryaudit::AuditedQueries> queries_;
  std::unique_ptr<chat::AuditedTools> data_sources_;
  std::unique_ptr<control::Services> services_;
  std::unique_ptr<control::Server> server_;
  std::atomic<std::uint64_t> changes_ = 0;

  std::mutex mutex_;  // over what the housekeeper is to do
  std::condition_variable changed_;
  bool reload_settings_ = false;
  bool reload_keys_ = false;
  bool ending_ = false;
  std::thread housekeeper_;
  storage::Subscription subscription_;
};

}  // namespace punctual::app
