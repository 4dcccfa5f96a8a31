#include "backend/connection_pool.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace punctual::backend {

namespace {

constexpr auto sweep_period = std::chrono::milliseconds(500);

deadline::Duration idle_max_of(const http::ResponseHead& head) {
  constexpr deadline::Duration usual = std::chrono::seconds(4);
  std::string_view list = head.headers.value("keep-alive");
  while (!list.empty()) {
    std::string_view item = base::take_item(list, ',');
    if (!base::equals_ignoring_case(base::take_item(item, '='), "timeout")) continue;
    const auto seconds = base::parse_unsigned(base::trimmed(item));
    if (!seconds) break;
    constexpr std::uint64_t seconds_max = 60;
    return std::chrono::seconds(std::min(*seconds, seconds_max)) - std::chrono::seconds(1);
  }
  return usual;
}

}  // namespace

void Connection::note_head() {
  if (parser.head().headers.find("keep-alive")) idle_max = idle_max_of(parser.head());
}

ConnectionPool::Shelf& ConnectionPool::shelf(const net::Endpoint& endpoint) {
  for (auto& known : shelves_) {
    if (known->endpoint == endpoint) return *known;
  }
  shelves_.push_back(std::make_unique<Shelf>());
  shelves_.back()->endpoint = endpoint;
  return *shelves_.back();
}

std::unique_ptr<Connection> ConnectionPool::take(const net::Endpoint& endpoint) {
  auto& idle = shelf(endpoint).idle;
  while (!idle.empty()) {
    auto connection = std::move(idle.back());
    idle.pop_back();
    const bool silent = !connection->stream->readable() && !connection->stream->peer_closed();
    if (silent && runtime_.now() < connection->idle_until) return connection;
  }
  return nullptr;
}

void ConnectionPool::give_back(const net::Endpoint& endpoint, std::unique_ptr<Connection> connection) {
  connection->note_head();
  if (connection->idle_max <= deadline::Duration::zero()) return;
  auto& idle = shelf(endpoint).idle;
  if (idle.size() >= idle_per_endpoint_max) return;
  connection->stream->bind(nullptr, 0, 0);
  const auto now = runtime_.now();
  connection->idle_until = now + connection->idle_max;
  connection->parser.reset();
  idle.push_back(std::move(connection));
  if (!sweep_.armed()) runtime_.wheel().arm(sweep_, now + sweep_period);
}

void ConnectionPool::sweep() {
  const auto now = runtime_.now();
  bool some_left = false;
  for (auto& known : shelves_) {
    std::erase_if(known->idle, [now](const auto& connection) {
      return connection->idle_until <= now || connection->stream->peer_closed();
    });
    some_left = some_left || !known->idle.empty();
  }
  if (some_left) runtime_.wheel().arm(sweep_, now + sweep_period);
}

}  // namespace punctual::backend
