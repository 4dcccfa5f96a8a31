#include "app/management.hpp"

#include <fmt/format.h>

#include "app/version.hpp"
#include "settings/data_sources.hpp"
#include "settings/opening.hpp"
#include "settings/query_chain.hpp"
#include "settings/sections.hpp"
#include "targets/exposition.hpp"
#include "telemetry/log.hpp"

namespace punctual::app {

namespace {

constexpr auto cleaned_every = std::chrono::minutes(1);

config::Secret admin_token(const config::Environment& environment, const config::Server& server) {
  const auto* token = server.admin_token_env.empty() ? nullptr : environment.find(server.admin_token_env);
  return token ? config::Secret(*token) : config::Secret();
}

}  // namespace

ManagementPlane::ManagementPlane(const ManagementOptions& options, std::unique_ptr<storage::Store> store,
                                 secrets::Passwords passwords)
    : clock_(options.clock),
      store_(std::move(store)),
      publisher_(*store_, clock_, options.engines, options.startup.server.open, options.reachable),
      recorder_(*store_, clock_, {.also = options.lines}),
      retention_(*store_, clock_, [this] { return recorder_.numbers().stored_bytes; }),
      cores_(clock_),
      book_([this](auto work) { cores_.post_home(std::move(work)); }),
      health_checks_(book_, cores_, clock_, [this] { return publisher_.current(); }),
      passwords_(std::move(passwords)),
      users_(*store_, passwords_, clock_),
      sessions_(*store_, clock_),
      set_up_(*store_, passwords_, clock_),
      log_in_(*store_, passwords_, sessions_, throttle_, clock_),
      api_keys_(*store_, clock_) {}

std::expected<std::unique_ptr<ManagementPlane>, std::string> ManagementPlane::create(
    const ManagementOptions& options) {
  const auto& server = options.startup.server;
  auto store = storage::Store::open({.location = server.storage, .data = server.data, .exclusive = true});
  if (!store) return std::unexpected("server.storage: " + store.error().message);
  auto passwords = secrets::Passwords::create();
  if (!passwords) return std::unexpected(passwords.error().message);
  std::unique_ptr<ManagementPlane> plane(
      new ManagementPlane(options, std::move(*store), std::move(*passwords)));
  auto service = settings::open_with_vault(*plane->store_, options.clock, options.base, server.data);
  if (!service) return std::unexpected(service.error());
  plane->settings_ = std::move(*service);
  plane->publisher_.publish_settings(plane->settings_->current());
  if (!plane->publisher_.publish_api_keys()) return std::unexpected("the API keys cannot be read");
  plane->open_queries();
  plane->services_ = std::make_unique<control::Services>(control::Services{
      .store = *plane->store_,
      .clock = options.clock,
      .settings = *plane->settings_,
      .recorder = plane->recorder_,
      .cores = plane->cores_,
      .local_models = options.engines,
      .targets = plane->book_,
      .users = plane->users_,
      .sessions = plane->sessions_,
      .set_up = plane->set_up_,
      .log_in = plane->log_in_,
      .throttle = plane->throttle_,
      .api_keys = plane->api_keys_,
      .queries = *plane->queries_,
      .desk = plane->desk_,
      .data_sources = *plane->data_sources_,
      .probes = plane->probes_,
      .publish_api_keys = [raw = plane.get()] { raw->publisher_.publish_api_keys(); },
      .changes_sequence = [raw = plane.get()] { return raw->changes_.load(std::memory_order_relaxed); },
      .admin_token = admin_token(options.base.environment, server),
      .hosts = server.hosts,
      .type_base = server.error_type_base,
      .version = version});
  plane->server_ = std::make_unique<control::Server>(*plane->services_);
  return plane;
}

// Without its chain no data source is asked; everything else goes on.
void ManagementPlane::open_queries() {
  queries_ = std::make_unique<queryaudit::AuditedQueries>(
      *store_, clock_, settings::open_query_chain(*store_, *settings_),
      [this](std::string_view id) { return settings::data_source_of_id(*settings_->current(), id); });
  data_sources_ = std::make_unique<chat::AuditedTools>(*queries_, clock_, [this](std::string_view id) {
    return settings::data_source_of_id(*settings_->current(), id);
  });
  if (!queries_->chain()) telemetry::log_error("chats cannot ask data sources: " + queries_->problem());
  complete_lost_queries(true);
}

void ManagementPlane::complete_lost_queries(bool starting) {
  const auto completed = queries_->complete_lost(starting);
  if (!completed) {
    telemetry::log_warning("records of queries could not be completed: " + completed.error().message);
  } else if (*completed > 0) {
    telemetry::log_warning(fmt::format("{} queries were lost with a gateway that ended", *completed));
  }
}

ManagementPlane::~ManagementPlane() {
  subscription_.reset();
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (housekeeper_.joinable()) housekeeper_.join();
  if (server_) server_->stop();
}

config::Secret ManagementPlane::start_set_up() {
  auto token = set_up_.start({"setup", "", {}});
  if (!token) {
    telemetry::log_error("the set-up link cannot be made: " + token.error().message);
    return {};
  }
  return *token ? std::move(**token) : config::Secret();
}

void ManagementPlane::begin(const std::vector<std::unique_ptr<GatewayThread>>& threads) {
  cores_.attach(threads);
  publisher_.attach(threads);
  settings_->set_publisher([this](const auto& snapshot) { publisher_.publish_settings(snapshot); });
  housekeeper_ = std::thread([this] { keep_house(); });
  health_checks_.start();
  subscription_ = store_->subscribe([this](const auto& notification) { notified(notification); });
}

void ManagementPlane::detach() {
  health_checks_.stop();
  server_->stop();
  data_sources_->stop();
  cores_.detach();
  publisher_.detach();
}

void ManagementPlane::notified(const storage::Notification& notification) {
  ++changes_;
  const std::lock_guard lock(mutex_);
  reload_settings_ = reload_settings_ || notification.resync || notification.channel == "settings";
  reload_keys_ = reload_keys_ || notification.resync || notification.channel == access::api_keys_channel;
  changed_.notify_all();
}

void ManagementPlane::keep_house() {
  auto clean_at = clock_.now() + cleaned_every;
  std::unique_lock lock(mutex_);
  while (!ending_) {
    changed_.wait_until(lock, clean_at, [this] { return ending_ || reload_settings_ || reload_keys_; });
    const bool settings = std::exchange(reload_settings_, false);
    const bool keys = std::exchange(reload_keys_, false);
    if (ending_) break;
    lock.unlock();
    if (settings) {
      if (const auto reloaded = settings_->reload(); !reloaded)
        telemetry::log_error("changed settings are not taken over: " + reloaded.error().message);
    }
    if (keys) publisher_.publish_api_keys();
    if (clock_.now() >= clean_at) {
      clean_up();
      clean_at = clock_.now() + cleaned_every;
    }
    lock.lock();
  }
  api_keys_.note_uses(publisher_.take_api_key_uses());  // of the requests that ended last
}

void ManagementPlane::clean_up() {
  api_keys_.note_uses(publisher_.take_api_key_uses());
  const auto logs = settings::log_settings(*settings_->current());
  const auto deleted = retention_.run({.age_max = std::chrono::days(logs.retention_days),
                                       .bytes_max = logs.retention_bytes,
                                       .contents_age_max = std::chrono::days(logs.contents_days)});
  if (!deleted) {
    telemetry::log_warning("old requests could not be deleted: " + deleted.error().message);
  } else if (deleted->requests_by_age + deleted->requests_by_size > 0) {
    telemetry::log_info(fmt::format("deleted {} requests by age and {} by size; {} bytes are kept",
                                    deleted->requests_by_age, deleted->requests_by_size,
                                    deleted->bytes_kept));
  }
  complete_lost_queries(false);
  const auto expired = sessions_.remove_expired({"gateway", "", {}});
  if (!expired) telemetry::log_warning("ended sessions could not be removed: " + expired.error().message);
}

std::string ManagementPlane::metrics_text() const {
  const auto state = store_->state();
  const auto numbers = recorder_.numbers();
  std::string text = fmt::format(
      "# HELP punctual_storage_connected Whether the database answers.\n"
      "# TYPE punctual_storage_connected gauge\n"
      "punctual_storage_connected {}\n"
      "# HELP punctual_storage_jobs_queued Writes that wait for the database.\n"
      "# TYPE punctual_storage_jobs_queued gauge\n"
      "punctual_storage_jobs_queued {}\n"
      "# HELP punctual_settings_version The version of the stored settings that is in force.\n"
      "# TYPE punctual_settings_version gauge\n"
      "punctual_settings_version {}\n"
      "# HELP punctual_records_stored_total Records of requests that are in the database.\n"
      "# TYPE punctual_records_stored_total counter\n"
      "punctual_records_stored_total {}\n"
      "# HELP punctual_records_queued_bytes Records that wait for the database.\n"
      "# TYPE punctual_records_queued_bytes gauge\n"
      "punctual_records_queued_bytes {}\n"
      "# HELP punctual_records_dropped_total Records that were not stored, by reason.\n"
      "# TYPE punctual_records_dropped_total counter\n",
      state.connected ? 1 : 0, state.jobs_queued, settings_->current()->stored.version, numbers.stored,
      numbers.queued_bytes);
  for (std::size_t i = 0; i < requestlog::loss_count; ++i) {
    text += fmt::format("punctual_records_dropped_total{{reason=\"{}\"}} {}\n",
                        requestlog::name_of(static_cast<requestlog::Loss>(i)), numbers.lost[i]);
  }
  return text + targets::prometheus_text(book_, clock_.now());
}

std::string ManagementPlane::ready_text() const {
  return store_->state().connected
             ? R"({"status":"ready","storage":"connected"})"
             : R"({"status":"ready","storage":"away","detail":"the database does not answer: requests are )"
               R"(served with the settings as they were; nothing can be changed, records wait"})";
}

}  // namespace punctual::app
