#include "discovery/servers.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "backend/own_loop.hpp"
#include "backend/whole_answer.hpp"
#include "discovery/recognise.hpp"

namespace punctual::discovery {

namespace {

constexpr std::size_t answer_bytes_max = 1024 * 1024;
constexpr deadline::Duration asked_again = std::chrono::milliseconds(20);

// One port's turn: what it is asked with, and what came of it.
struct Turn {
  Turn(backend::Services& all, std::uint16_t number, deadline::Duration limit)
      : services(all), watch(all.runtime.clock(), all.runtime.wheel(), all.runtime.ready(), hooks) {
    provider.auth = config::Auth::none;
    provider.base_url.host = "127.0.0.1";
    provider.base_url.port = number;
    deadline::Limits limits;
    limits[deadline::Phase::total] = {limit, {}};
    watch.begin(limits);
    watch.start(deadline::Phase::total);
  }

  backend::Services& services;
  deadline::NoClient hooks;
  deadline::Watch watch;
  config::Provider provider;
  std::optional<FoundServer> found;
};

base::Task<Answer> get(Turn& turn, std::string_view path) {
  Answer answer;
  backend::Call call(turn.services, turn.watch);
  backend::UpstreamRequest request;
  request.provider = &turn.provider;
  request.method = "GET";
  request.path = path;
  const std::span<const std::string_view> no_body;
  const auto opened = co_await call.open(request, no_body);
  if (!opened) co_return answer;
  const int status = call.head().status;
  answer.server = call.head().headers.value("server");
  auto body = co_await backend::read_whole(call, turn.watch, answer_bytes_max);
  if (!body) co_return answer;
  answer.status = status;
  answer.body = std::move(*body);
  co_return answer;
}

base::Task<void> recognise(Turn& turn) {
  const auto listed = co_await get(turn, "/v1/models");
  auto list = read_model_list(listed);
  if (!list.good) co_return;
  FoundServer server;
  server.port = turn.provider.base_url.port;
  server.models = std::move(list.models);
  server.model_count = list.model_count;
  if (list.kind) {
    server.kind = *list.kind;
    const bool vllm = *list.kind == ServerKind::vllm;
    const std::string_view path = vllm ? "/version" : "/props";
    const auto said = co_await get(turn, path);
    server.version = version_in(said, vllm ? "version" : "build_info");
    turn.found = std::move(server);
    co_return;
  }
  if (is_mlx_lm(listed, list)) {
    server.kind = ServerKind::mlx_lm;
    turn.found = std::move(server);
    co_return;
  }
  const auto version = co_await get(turn, "/api/version");
  const auto tags = co_await get(turn, "/api/tags");
  if (auto said = ollama_version(version, tags)) {
    server.kind = ServerKind::ollama;
    server.version = std::move(*said);
    turn.found = std::move(server);
    co_return;
  }
  const auto studio = co_await get(turn, "/api/v0/models");
  if (!is_lm_studio(studio)) co_return;
  server.kind = ServerKind::lm_studio;
  turn.found = std::move(server);
}

base::Task<void> take_turn(Turn& turn, std::size_t& left, backend::OwnLoop& loop) {
  co_await recognise(turn);
  if (--left == 0) loop.stop();
}

// Looks now and then whether the turns are wanted still, and ends them when they are not.
class GivingUp {
 public:
  GivingUp(net::Runtime& runtime, const std::vector<std::unique_ptr<Turn>>& turns,
           const std::function<bool()>& given_up)
      : runtime_(runtime), turns_(turns), given_up_(given_up), timer_(&GivingUp::look, this) {
    arm();
  }
  GivingUp(const GivingUp&) = delete;
  GivingUp& operator=(const GivingUp&) = delete;
  ~GivingUp() { runtime_.wheel().cancel(timer_); }

 private:
  void arm() { runtime_.wheel().arm(timer_, runtime_.now() + asked_again); }
  static void look(void* self) {
    auto& giving_up = *static_cast<GivingUp*>(self);
    if (!giving_up.given_up_()) return giving_up.arm();
    for (const auto& turn : giving_up.turns_)
      turn->watch.signals().raise(deadline::bits::stop);
  }

  net::Runtime& runtime_;
  const std::vector<std::unique_ptr<Turn>>& turns_;
  const std::function<bool()>& given_up_;
  deadline::Timer timer_;
};

}  // namespace

std::expected<std::vector<FoundServer>, std::string> find_servers(const std::vector<std::uint16_t>& ports,
                                                                  const deadline::Clock& clock,
                                                                  deadline::Duration limit,
                                                                  const std::function<bool()>& given_up) {
  std::vector<FoundServer> found;
  if (ports.empty()) return found;
  const auto own = backend::OwnLoop::create(clock);
  if (!own) return std::unexpected(own.error());
  backend::OwnLoop& loop = **own;
  auto& services = loop.services();
  std::vector<std::unique_ptr<Turn>> turns;
  turns.reserve(ports.size());
  for (const auto port : ports)
    turns.push_back(std::make_unique<Turn>(services, port, std::min(limit, port_limit)));
  std::size_t left = turns.size();
  GivingUp giving_up(services.runtime, turns, given_up);
  for (const auto& turn : turns)
    base::spawn(take_turn(*turn, left, loop));
  loop.run();
  for (auto& turn : turns) {
    if (turn->found) found.push_back(std::move(*turn->found));
  }
  return found;
}

}  // namespace punctual::discovery
