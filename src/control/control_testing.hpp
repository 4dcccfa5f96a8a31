// The management API over a database of its own, without a socket: what its tests share. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "base/temporary_folder_testing.hpp"
#include "control/server.hpp"
#include "settings/data_sources.hpp"
#include "settings/opening.hpp"
#include "settings/query_chain.hpp"

namespace punctual::control {

class FakeCores final : public Cores {
 public:
  std::vector<gateway::RunningRequest> running(deadline::Instant) override { return requests; }
  bool cancel(const std::string& request_id, deadline::Instant) override {
    cancelled = request_id;
    return !requests.empty() && requests.front().request_id == request_id;
  }
  gateway::ProbeResult probe(std::shared_ptr<const config::Configuration>, const config::Provider& provider,
                             deadline::Instant) override {
    gateway::ProbeResult result;
    result.good = true;
    result.detail = "asked " + provider.name;
    return result;
  }

  std::vector<gateway::RunningRequest> requests;
  std::string cancelled;
};

class FakeLocalModels final : public LocalModels {
 public:
  std::optional<pool::PoolView> view(deadline::Instant) override { return pool; }
  std::optional<bool> load(const std::string& model, deadline::Instant) override {
    return change(model, pool::EngineState::loading);
  }
  std::optional<bool> unload(const std::string& model, deadline::Instant) override {
    return change(model, pool::EngineState::stopping);
  }

  pool::PoolView pool;

 private:
  bool change(const std::string& model, pool::EngineState state) {
    bool found = false;
    for (auto& engine : pool.engines) {
      if (engine.name != model) continue;
      engine.state = state;
      found = true;
    }
    return found;
  }
};

// Has one, `data_1`, which nobody looks into.
class FakeDataSources final : public chat::DataSources {
 public:
  settings::Result<chat::SourceFacts> find(const std::string& id) override {
    if (id == "data_1") return chat::SourceFacts{.id = id, .name = "shop", .dialect = "SQLite"};
    return std::unexpected(settings::invalid_field("data_source", "is none"));
  }
  std::shared_ptr<chat::ToolRun> run(chat::ToolRequest, std::shared_ptr<chat::ToolListener>) override {
    return nullptr;
  }
};

// What a client sends; the defaults are those of our own page.
struct Call {
  std::string method = "GET";
  std::string path;
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string query = {};
};

class ControlTest : public testing::Test {
 protected:
  ControlTest()
      : store_(*storage::Store::open({.location = "sqlite", .data = folder_.path()})),
        recorder_(*store_, clock_),
        passwords_(*secrets::Passwords::create(secrets::cheapest_cost)),
        users_(*store_, passwords_, clock_),
        sessions_(*store_, clock_),
        set_up_(*store_, passwords_, clock_),
        log_in_(*store_, passwords_, sessions_, throttle_, clock_),
        api_keys_(*store_, clock_) {
    settings_ = *settings::open_with_vault(*store_, clock_, base_, folder_.path());
    queries_ = std::make_unique<queryaudit::AuditedQueries>(
        *store_, clock_, settings::open_query_chain(*store_, *settings_),
        [this](std::string_view id) { return settings::data_source_of_id(*settings_->current(), id); });
    services_ = std::make_unique<Services>(Services{.store = *store_,
                                                    .clock = clock_,
                                                    .settings = *settings_,
                                                    .recorder = recorder_,
                                                    .cores = cores_,
                                                    .local_models = local_models_,
                                                    .targets = book_,
                                                    .users = users_,
                                                    .sessions = sessions_,
                                                    .set_up = set_up_,
                                                    .log_in = log_in_,
                                                    .throttle = throttle_,
                                                    .api_keys = api_keys_,
                                                    .queries = *queries_,
                                                    .desk = desk_,
                                                    .data_sources = data_sources_,
                                                    .probes = probes_,
                                                    .publish_api_keys = [this] { ++keys_published_; },
                                                    .changes_sequence = [] { return std::uint64_t{0}; },
                                                    .admin_token = config::Secret("the-admin-token"),
                                                    .hosts = {"gateway.test"},
                                                    .type_base = "https://errors.test/",
                                                    .version = "1.2.3"});
    server_ = std::make_unique<Server>(*services_);
  }
  ~ControlTest() override {
    server_.reset();
    queries_.reset();
    settings_.reset();
    recorder_.stop(clock_.now() + std::chrono::seconds(5));
  }

  Answer ask(const Call& call) {
    gateway::ManagementRequest request;
    request.method = call.method;
    request.path = call.path;
    request.query = call.query;
    request.body = call.body;
    request.headers = call.headers;
    const auto has = [&](std::string_view name) { return !request.header(name).empty(); };
    if (!has("host")) request.headers.emplace_back("host", "127.0.0.1:8080");
    if (!has("content-type")) request.headers.emplace_back("content-type", "application/json");
    if (!has("sec-fetch-site")) request.headers.emplace_back("sec-fetch-site", "same-origin");
    request.client = "127.0.0.1:5000";
    request.request_id = "req_test";
    request.until = clock_.now() + std::chrono::seconds(10);
    auto promised = std::make_shared<std::promise<Answer>>();
    auto answered = promised->get_future();
    server_->answer(std::move(request),
                    [promised](gateway::ManagementAnswer answer) { promised->set_value(std::move(answer)); });
    return answered.get();
  }
  Answer ask_as_admin(Call call) {
    call.headers.emplace_back("authorization", "Bearer the-admin-token");
    return ask(call);
  }
  // What the stream gives next.
  std::pair<gateway::ManagementStream::State, std::string> pull(const Answer& answer) {
    std::promise<std::pair<gateway::ManagementStream::State, std::string>> promised;
    auto pulled = promised.get_future();
    server_->pull(
        answer.stream, clock_.now() + std::chrono::seconds(10),
        [&promised](auto state, std::string bytes) { promised.set_value({state, std::move(bytes)}); });
    return pulled.get();
  }
  // The cookie of a user who has just signed in, as a header.
  std::pair<std::string, std::string> signed_in(const std::string& name, access::Role role) {
    EXPECT_TRUE(users_.create({"test", "", {}}, {name, "a good password", role}));
    const auto answer = ask({.method = "POST",
                             .path = "/api/session",
                             .body = R"({"name":")" + name + R"(","password":"a good password"})"});
    EXPECT_EQ(answer.status, 200) << answer.body;
    return {"cookie", header(answer, "Set-Cookie").substr(0, header(answer, "Set-Cookie").find(';'))};
  }
  static std::string header(const Answer& answer, std::string_view name) {
    for (const auto& [key, value] : answer.headers)
      if (key == name) return value;
    return {};
  }

  deadline::SystemClock clock_;
  settings::Base base_;  // neither a file nor variables
  base::TemporaryFolder folder_;
  std::unique_ptr<storage::Store> store_;
  requestlog::Recorder recorder_;
  FakeCores cores_;
  FakeLocalModels local_models_;
  targets::Book book_{[](auto work) { work(); }};
  secrets::Passwords passwords_;
  access::Users users_;
  access::Sessions sessions_;
  access::SetUp set_up_;
  access::LogInThrottle throttle_;
  access::LogIn log_in_;
  access::ApiKeys api_keys_;
  chat::Desk desk_;
  probe::Book probes_{clock_};
  FakeDataSources data_sources_;
  std::unique_ptr<settings::Service> settings_;
  std::unique_ptr<queryaudit::AuditedQueries> queries_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<Server> server_;
  int keys_published_ = 0;
};

}  // namespace punctual::control
