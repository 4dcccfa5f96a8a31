#include "app/engine_room.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <future>

#include "process/memory.hpp"
#include "telemetry/log.hpp"

namespace punctual::app {

namespace {

std::uint64_t machine_bytes() {
  const auto memory = process::machine_memory();
  return memory ? memory->total_bytes : 0;
}

std::filesystem::path folder_of(const config::Configuration& configuration) {
  return std::filesystem::path(configuration.server.data) / "engines";
}

// Private. Who has no local models has no use for it. The error is one sentence; "": there is none.
std::string prepare_folder(const config::Configuration& configuration) {
  if (configuration.models.empty()) return {};
  std::error_code error;
  const auto folder = folder_of(configuration);
  std::filesystem::create_directories(folder, error);
  if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  return error ? "cannot use " + folder.string() + ": " + error.message() : std::string();
}

}  // namespace

EngineRoom::EngineRoom(const deadline::Clock& clock, net::Resolver& resolver,
                       std::unique_ptr<net::TlsContext> tls, const std::string& folder)
    : clock_(clock),
      loop_(clock),
      tls_(std::move(tls)),
      connector_(loop_, resolver, *tls_),
      connections_(loop_.runtime()),
      services_{loop_.runtime(), connector_, connector_, connections_, metrics_},
      leftovers_(folder),
      launcher_(loop_, leftovers_),
      prober_(services_),
      pool_(std::make_unique<pool::Pool>(
          pool::Pool::Options{loop_.runtime(), [this](pool::Pool::Work work) { loop_.post(std::move(work)); },
                              launcher_, prober_, machine_bytes, pool::memory_need, metrics_})),
      folder_(folder) {}

std::expected<std::unique_ptr<EngineRoom>, std::string> EngineRoom::create(
    const deadline::Clock& clock, net::Resolver& resolver, const config::Configuration& startup) {
  auto tls = net::TlsContext::client("");
  if (!tls) return std::unexpected(tls.error());
  const auto folder = folder_of(startup);
  if (const auto problem = prepare_folder(startup); !problem.empty()) return std::unexpected(problem);
  std::unique_ptr<EngineRoom> room(new EngineRoom(clock, resolver, std::move(*tls), folder.string()));
  const auto ended = room->leftovers_.end_all();
  if (!ended.empty())
    telemetry::log_warning(
        fmt::format("ended {} engines that an earlier gateway had left behind", ended.size()));
  room->thread_ = std::jthread([raw = room.get()] { raw->loop_.run(); });
  return room;
}

EngineRoom::~EngineRoom() {
  loop_.stop();
  if (thread_.joinable()) thread_.join();
  door_.reset();
  pool_.reset();
  connections_.clear();
  loop_.runtime().ready().run();
}

void EngineRoom::apply(std::shared_ptr<const config::Configuration> configuration) {
  if (const auto problem = prepare_folder(*configuration); !problem.empty()) telemetry::log_error(problem);
  loop_.post([this, configuration = std::move(configuration)]() mutable {
    if (!door_ && !configuration->models.empty()) open_door();
    pool_->apply(std::move(configuration));
  });
}

// Tried again with the next change of the settings.
void EngineRoom::open_door() {
  auto door = PoolDoor::open(loop_, folder_, [this] { return pool_->view(); });
  if (door) {
    door_ = std::move(*door);
  } else {
    telemetry::log_warning("`punctual models list` will not tell what the models do: " + door.error());
  }
}

void EngineRoom::close() {
  std::promise<void> closed;
  loop_.post([this, &closed] { pool_->close([&closed] { closed.set_value(); }); });
  closed.get_future().wait();
}

template <class Result>
std::optional<Result> EngineRoom::ask(deadline::Instant until, std::function<Result(pool::Pool&)> question) {
  const auto answer = std::make_shared<std::promise<Result>>();
  auto result = answer->get_future();
  loop_.post([this, answer, question = std::move(question)] { answer->set_value(question(*pool_)); });
  const auto left = until - clock_.now();
  if (result.wait_for(left) != std::future_status::ready) return std::nullopt;
  return result.get();
}

std::optional<pool::PoolView> EngineRoom::view(deadline::Instant until) {
  return ask<pool::PoolView>(until, [](pool::Pool& pool) { return pool.view(); });
}

std::optional<bool> EngineRoom::load(const std::string& model, deadline::Instant until) {
  return ask<bool>(until, [model](pool::Pool& pool) { return pool.load(model); });
}

std::optional<bool> EngineRoom::unload(const std::string& model, deadline::Instant until) {
  return ask<bool>(until, [model](pool::Pool& pool) { return pool.unload(model); });
}

}  // namespace punctual::app
