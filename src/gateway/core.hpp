// What the requests of one loop share. Built by the application, or by a test around memory and manual time.
//
// One thread only, but for `metrics`, which any thread may read.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "admission/key_policy.hpp"
#include "api/content.hpp"
#include "audit/journal_buffer.hpp"
#include "backend/call.hpp"
#include "config/configuration.hpp"
#include "gateway/arrival_times.hpp"
#include "gateway/management.hpp"
#include "gateway/model_catalog.hpp"
#include "gateway/request_id.hpp"
#include "gateway/running_requests.hpp"
#include "json/reader.hpp"
#include "net/runtime.hpp"
#include "pool/pool.hpp"
#include "relay/relay.hpp"
#include "routing/router.hpp"
#include "targets/book.hpp"
#include "targets/retry_budget.hpp"
#include "telemetry/metrics.hpp"

namespace punctual::gateway {

// What applies to a request that begins now; immutable.
struct Settings {
  std::shared_ptr<const config::Configuration> configuration;
  routing::Router router;
  std::shared_ptr<const admission::ApiKeys> api_keys = {};  // nullptr: there are none
  admission::KeyPolicy key_policy = {};
  bool store_texts = false;  // what is asked and answered is kept, redacted, for a while
};

// The way in for requests of the gateway's own: answered as a client's would be, but for the key, which
// nobody has to show, and the end of the process, which lets what has begun go on. Only code has this way; no
// client can ask for it.
class InnerDoor {
 public:
  // `client` is who is behind it, for the record.
  virtual void accept_inner(std::unique_ptr<net::Stream> stream, std::string client) = 0;

 protected:
  ~InnerDoor() = default;
};

struct CoreOptions {
  net::Runtime& runtime;
  net::Network& network;
  net::Network& simulated_network;
  audit::Journal& journal;
  std::shared_ptr<const Settings> settings;
  std::uint64_t seed = 0;                        // of the request ids
  std::function<std::string()> metrics_text;     // of all cores
  std::function<std::string()> ready_text = {};  // the document of /ready
  Management* management = nullptr;              // nullptr: there is none
  // Runs something on this core's loop, from any thread; the core ends after the last use.
  std::function<void(std::move_only_function<void()>)> post = {};
  targets::Book* book = nullptr;       // of all cores; nullptr: this is the only core
  pool::Pool* local_models = nullptr;  // nullptr: the configuration never names any
};

class Core {
 public:
  explicit Core(CoreOptions options)
      : runtime(options.runtime),
        settings(std::move(options.settings)),
        pool(runtime),
        services{runtime, options.network, options.simulated_network, pool, metrics},
        reader(json_reader),
        models(services, json_reader, settings->configuration),
        journal(options.journal, runtime.clock(), runtime.wheel(), metrics),
        request_ids(options.seed),
        own_book(options.book ? nullptr : std::make_unique<targets::Book>([](auto work) { work(); })),
        target_of(options.book ? *options.book : *own_book),
        random(options.seed),
        metrics_text(std::move(options.metrics_text)),
        ready_text(std::move(options.ready_text)),
        management(options.management),
        post(std::move(options.post)),
        local_models(options.local_models) {}
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // What is in force from now on; running requests keep what they began with.
  void apply(std::shared_ptr<const Settings> newer) {
    settings = std::move(newer);
    models.set_configuration(settings->configuration);
  }

  // The engine of one of the pool's models; never nullptr.
  const std::shared_ptr<pool::Engine>& engine_of(std::string_view model) {
    const auto known = engines_.find(model);
    if (known != engines_.end()) return known->second;
    return engines_.emplace(model, local_models->find(model)).first->second;
  }

  net::Runtime& runtime;
  std::shared_ptr<const Settings> settings;
  telemetry::Metrics metrics;
  backend::ConnectionPool pool;
  backend::Services services;
  json::Reader json_reader;
  api::ContentReader reader;
  ModelCatalog models;
  relay::Workspace workspace;
  audit::JournalBuffer journal;
  RequestIds request_ids;
  ArrivalTimes arrival_times;
  std::unique_ptr<targets::Book> own_book;
  targets::Seen target_of;
  targets::RetryBudget retry_budget;
  std::minstd_rand random;  // for chances that nobody has to be unable to guess
  base::IntrusiveList<RunningEntry> running;
  std::function<std::string()> metrics_text;
  std::function<std::string()> ready_text;
  Management* management;
  std::function<void(std::move_only_function<void()>)> post;
  pool::Pool* local_models;
  InnerDoor* inner_door = nullptr;  // set by the listener, which lives as long as requests run
  bool draining = false;            // the process is about to end: nothing new is begun

 private:
  std::map<std::string, std::shared_ptr<pool::Engine>, std::less<>> engines_;
};

}  // namespace punctual::gateway
