#include "control/observed.hpp"

#include <algorithm>

#include "chain/chain.hpp"
#include "chain/hang_ups.hpp"
#include "probe/walls.hpp"
#include "requestlog/client_signs.hpp"
#include "storage/store.hpp"

namespace punctual::control {

namespace {

using chain::Sent;
using Said = requestlog::Announced::Said;

std::optional<config::Endpoint> endpoint_named(std::string_view name) {
  const auto* const found =
      std::ranges::find(config::all_endpoints, name, [](auto each) { return config::name_of(each); });
  if (found == config::all_endpoints.end()) return std::nullopt;
  return *found;
}

std::vector<chain::HangUp> hang_ups_of(const std::vector<requestlog::LeftRequest>& left) {
  std::vector<chain::HangUp> hang_ups;
  hang_ups.reserve(left.size());
  for (const auto& one : left) {
    const auto endpoint = endpoint_named(one.endpoint);
    if (!endpoint) continue;
    hang_ups.push_back({*endpoint, one.stream, static_cast<double>(one.duration_us) * 1e-6,
                        storage::from_microseconds(one.started)});
  }
  return hang_ups;
}

template <class Map>
const auto& most_frequent(const Map& counts) {
  return std::ranges::max_element(counts, {}, [](const auto& one) { return one.second; })->first;
}

void add(std::vector<Sent>& sent, const requestlog::Announced& of, Sent::What what, const Said& said) {
  const auto endpoint = endpoint_named(of.endpoint);
  if (said.seconds.empty() || !endpoint) return;
  Sent one{.endpoint = *endpoint, .stream = of.stream, .what = what, .header = most_frequent(said.headers)};
  for (const auto& [seconds, count] : said.seconds)
    one.count += static_cast<std::uint64_t>(count);
  one.of = static_cast<std::uint64_t>(of.requests);
  one.least_seconds = said.seconds.begin()->first;
  one.usual_seconds = most_frequent(said.seconds);
  sent.push_back(std::move(one));
}

std::expected<void, storage::Error> read(storage::Connection& reader, deadline::WallTime since,
                                         chain::Observed& observed) {
  const auto left = requestlog::read_left(reader, since);
  if (!left) return std::unexpected(left.error());
  observed.hang_ups = chain::clusters_of(hang_ups_of(*left));
  const auto announced = requestlog::read_announced(reader, since);
  if (!announced) return std::unexpected(announced.error());
  for (const auto& of : *announced) {
    add(observed.sent, of, Sent::What::limit, of.limit);
    add(observed.sent, of, Sent::What::wait, of.wait);
    add(observed.sent, of, Sent::What::silence, of.silence);
  }
  return {};
}

// What was probed is little: it is there even where the request log is too long to be read in time.
std::expected<void, storage::Error> read_walls(storage::Connection& reader, deadline::WallTime now,
                                               chain::Observed& observed) {
  const auto results = probe::read_results(reader, now);
  if (!results) return std::unexpected(results.error());
  for (const auto& result : *results) {
    for (auto& wall : probe::walls_of(result))
      observed.walls.push_back(std::move(wall));
  }
  return {};
}

}  // namespace

chain::Observed read_observed(storage::Connection& reader, const deadline::Clock& clock) {
  chain::Observed observed;
  reader.set_deadline(clock.now() + observed_limit);
  const auto now = clock.wall_now();
  auto done = read_walls(reader, now, observed);
  if (done) done = read(reader, now - std::chrono::days(chain::learnt_days), observed);
  reader.set_deadline(std::nullopt);
  if (!done) {
    observed.trouble = done.error().kind == storage::ErrorKind::interrupted
                           ? "the request log could not be read in time."
                           : "the request log could not be read.";
  }
  return observed;
}

}  // namespace punctual::control
