#include "wire/world.hpp"

#include <stdexcept>
#include <utility>

#include "config/loader.hpp"

namespace punctual::wire {

namespace {

constexpr std::string_view provider = R"(
[[providers]]
name = "up"
kind = "openai"
base_url = "http://up.test/v1"
api_key = "up-key"
)";

std::shared_ptr<const gateway::Settings> settings_from(const std::string& text) {
  const bool complete = text.find("[[providers]]") != std::string::npos;
  auto loaded = config::load(complete ? text : text + std::string(provider), "transcript", {});
  if (!loaded) throw std::runtime_error(loaded.error().front().text());
  auto router = routing::Router::build(*loaded);
  if (!router) throw std::runtime_error(router.error().front());
  return std::make_shared<const gateway::Settings>(*loaded, std::move(*router));
}

}  // namespace

void Reading::read(net::Stream& stream) {
  while (end == End::open) {
    char chunk[16384];
    const auto result = stream.try_read(chunk);
    switch (result.kind) {
      case net::IoResult::Kind::done:
        bytes.append(chunk, result.bytes);
        break;
      case net::IoResult::Kind::would_block:
        return;
      case net::IoResult::Kind::end:
        end = End::closed;
        break;
      case net::IoResult::Kind::failed:
        end = End::reset;
        break;
    }
  }
}

World::World(const std::string& configuration) {
  gateway::CoreOptions options{runtime_, network_, network_, records_, settings_from(configuration), 1, {}};
  core_ = std::make_unique<gateway::Core>(std::move(options));
  listener_ = std::make_unique<listener::Listener>(*core_, 100);
  connect();
}

World::~World() {
  close_client();
  for (auto& upstream : network_.upstreams())
    upstream.reset();
  run();
  listener_->drain({}, [] {});
  listener_->end_requests();
  run();
  wait(std::chrono::seconds(3));
  core_->pool.clear();
}

void World::connect() {
  client_.reset();
  run();
  client_reading_ = {};
  auto [client, server] = net::memory_stream_pair(runtime_);
  client_ = std::move(client);
  listener_->accept(std::move(server));
  run();
}

void World::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto result = client_->try_write({&bytes, 1});
    run();
    if (result.kind != net::IoResult::Kind::done) return;
    bytes.remove_prefix(result.bytes);
  }
}

void World::close_client() {
  client_.reset();
  run();
}

void World::wait(deadline::Duration duration) {
  const auto end = clock_.now() + duration;
  while (clock_.now() < end) {
    const auto next = runtime_.wheel().next();
    const auto step = next ? std::max(*next, clock_.now() + std::chrono::microseconds(1)) : end;
    clock_.advance_to(std::min(step, end));
    runtime_.wheel().advance(clock_.now());
    run();
  }
}

net::Stream* World::upstream() {
  auto& all = network_.upstreams();
  return all.empty() ? nullptr : all.back().get();
}

void World::upstream_sends(std::string_view bytes) {
  while (!bytes.empty() && upstream()) {
    const auto result = upstream()->try_write({&bytes, 1});
    run();
    if (result.kind != net::IoResult::Kind::done) return;
    bytes.remove_prefix(result.bytes);
  }
}

void World::upstream_ends(bool reset) {
  if (!upstream()) return;
  upstream_reading();
  if (reset) upstream()->abort();
  network_.upstreams().back().reset();
  run();
}

std::string World::take_records() {
  core_->journal.hand_over();
  return std::exchange(records_.text, std::string());
}

Reading& World::client_reading() {
  if (client_) client_reading_.read(*client_);
  run();
  return client_reading_;
}

Reading& World::upstream_reading() {
  if (upstream_read_ != network_.upstreams().size()) upstream_reading_ = {};
  upstream_read_ = network_.upstreams().size();
  if (upstream()) upstream_reading_.read(*upstream());
  run();
  return upstream_reading_;
}

}  // namespace punctual::wire
