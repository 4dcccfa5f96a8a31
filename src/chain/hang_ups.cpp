#include "chain/hang_ups.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>

namespace punctual::chain {

namespace {

constexpr double share = 0.01;            // on each side of one duration
constexpr double scatter_seconds = 0.01;  // likewise
constexpr double around = 1.1;            // what a cluster is compared with
constexpr double times_denser = 3;

// The longest that is within a cluster whose shortest this is.
double reach_of(double least) {
  return std::max(least * (1 + share) / (1 - share), least + 2 * scatter_seconds);
}

std::size_t count_between(std::span<const HangUp> sorted, double least, double most) {
  const auto from = std::ranges::lower_bound(sorted, least, {}, &HangUp::seconds);
  const auto to = std::ranges::upper_bound(sorted, most, {}, &HangUp::seconds);
  return from < to ? static_cast<std::size_t>(to - from) : 0;
}

// By duration. The most that lie together.
std::span<const HangUp> densest(std::span<const HangUp> sorted) {
  std::span<const HangUp> best;
  std::size_t end = 0;
  for (std::size_t begin = 0; begin < sorted.size(); ++begin) {
    const double most = reach_of(sorted[begin].seconds);
    while (end < sorted.size() && sorted[end].seconds <= most)
      ++end;
    if (end - begin > best.size()) best = sorted.subspan(begin, end - begin);
  }
  return best;
}

bool stands_out(std::span<const HangUp> all, std::span<const HangUp> some) {
  const double least = some.front().seconds;
  const double most = reach_of(least);
  const auto within = count_between(all, least, most);
  const auto near = count_between(all, least / around, most * around) - within;
  const double near_width = least - least / around + most * around - most;
  const double expected = static_cast<double>(near) * (most - least) / near_width;
  return static_cast<double>(some.size()) >= times_denser * expected;
}

// To what such a time can be known.
double rounded(double seconds) {
  const double unit = seconds < 10 ? 1e3 : seconds < 100 ? 1e2 : 1e1;
  return std::round(seconds * unit) / unit;
}

HangUps cluster_from(std::span<const HangUp> some) {
  const auto [first, last] = std::ranges::minmax(some, {}, &HangUp::began);
  return {.endpoint = first.endpoint,
          .stream = first.stream,
          .count = some.size(),
          .seconds = rounded(some[some.size() / 2].seconds),
          .least_seconds = some.front().seconds,
          .most_seconds = some.back().seconds,
          .from = first.began,
          .to = last.began};
}

void add_clusters(std::span<const HangUp> all, std::vector<HangUps>& clusters) {
  std::vector<HangUp> rest(all.begin(), all.end());
  for (std::size_t found = 0; found < clusters_max;) {
    const auto some = densest(rest);
    if (some.size() < hang_ups_least) return;
    if (stands_out(all, some)) {
      clusters.push_back(cluster_from(some));
      ++found;
    }
    const auto begin = rest.begin() + (some.data() - rest.data());
    rest.erase(begin, begin + static_cast<std::ptrdiff_t>(some.size()));
  }
}

}  // namespace

std::vector<HangUps> clusters_of(std::vector<HangUp> hang_ups) {
  const auto group = [](const HangUp& one) { return std::tuple(one.endpoint, one.stream); };
  std::ranges::sort(hang_ups, {},
                    [&](const HangUp& one) { return std::tuple(one.endpoint, one.stream, one.seconds); });
  std::vector<HangUps> clusters;
  for (auto begin = hang_ups.begin(); begin != hang_ups.end();) {
    const auto end = std::ranges::upper_bound(begin, hang_ups.end(), group(*begin), {}, group);
    add_clusters({begin, end}, clusters);
    begin = end;
  }
  std::ranges::sort(clusters, std::ranges::greater(), &HangUps::count);
  return clusters;
}

}  // namespace punctual::chain
