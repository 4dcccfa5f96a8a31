#include "chain/observed_layers.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "chain/request_query.hpp"
#include "chain/words.hpp"

namespace punctual::chain {

namespace {

using Kind = ProbedWall::Kind;

constexpr double alike_share = 0.05;  // a probe is not more exact

bool alike(double one, double other) {
  return std::abs(one - other) <= alike_share * std::max(one, other);
}

std::string time_words(deadline::WallTime time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  return fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

Layer layer_of(const HangUps& hang_ups, std::size_t place) {
  constexpr double edge_seconds = 0.001;  // what the filter leaves out
  Layer layer;
  layer.id = fmt::format("learnt:{}", place);
  layer.name = "where clients hung up";
  layer.seconds = hang_ups.seconds;
  layer.known = Known::learnt;
  layer.ours = false;
  const auto from = time_words(hang_ups.from);
  const auto to = time_words(hang_ups.to);
  layer.evidence = fmt::format("{} clients hung up at about {} ({:.2f} to {:.2f} s) {}", hang_ups.count,
                               words(hang_ups.seconds), hang_ups.least_seconds, hang_ups.most_seconds,
                               from == to ? "at " + from : "between " + from + " and " + to);
  layer.requests = RequestQuery(hang_ups.endpoint)
                       .with("outcome", "cancelled")
                       .longer_than(hang_ups.least_seconds - edge_seconds)
                       .shorter_than(hang_ups.most_seconds + edge_seconds)
                       .text();
  return layer;
}

Layer layer_of(const Sent& sent) {
  using What = Sent::What;
  Layer layer;
  layer.id = sent.what == What::limit ? "sent:limit" : sent.what == What::wait ? "sent:wait" : "sent:silence";
  layer.name = sent.what == What::limit  ? "the limit that clients ask for"
               : sent.what == What::wait ? "the clients' patience"
                                         : "the clients' patience between bytes";
  layer.seconds = sent.usual_seconds;
  layer.counts = sent.what == What::silence ? Counts::restarts : Counts::once;
  layer.known = Known::sent;
  layer.source = sent.header;
  layer.ours = false;
  layer.evidence = fmt::format("{} of the latest {} such requests said so; the shortest {}, most often {}",
                               sent.count, sent.of, words(sent.least_seconds), words(sent.usual_seconds));
  return layer;
}

std::string evidence_of(const ProbedWall& wall) {
  const std::string_view what = wall.kind == Kind::silent_answer   ? "a silent answer"
                                : wall.kind == Kind::silent_stream ? "a silent stream"
                                                                   : "a stream with keep-alives";
  const std::string_view how = wall.how == ProbedWall::How::error   ? "with an error"
                               : wall.how == ProbedWall::How::reset ? "with a reset"
                                                                    : "as if it were whole";
  return fmt::format("{} was cut {} after {}, {}{}", what, how, words(wall.seconds), time_words(wall.at),
                     wall.by.empty() ? "" : ", " + wall.by);
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return !part.empty() && !std::ranges::search(text, part, [](char a, char b) {
                             return base::equals_ignoring_case({&a, 1}, {&b, 1});
                           }).empty();
}

// The layers in front that this wall may belong to.
class Candidates {
 public:
  Candidates(const config::Configuration& configuration, std::vector<Layer>& fronts)
      : configuration_(configuration), fronts_(fronts) {}

  // nullptr: none.
  Layer* of(const ProbedWall& wall) const {
    Layer* best = nullptr;
    for (auto& layer : fronts_) {
      if (!may_be(wall, layer)) continue;
      if (!best || distance(wall, layer) < distance(wall, *best)) best = &layer;
    }
    if (!best || !wall.hop.empty() || configuration_.fronts.size() == 1) return best;
    return best->seconds && alike(*best->seconds, wall.seconds) ? best : nullptr;
  }

 private:
  static double distance(const ProbedWall& wall, const Layer& layer) {
    return layer.seconds ? std::abs(*layer.seconds - wall.seconds) : 1e18;
  }

  bool may_be(const ProbedWall& wall, const Layer& layer) const {
    // An answer in one piece is cut by either; a stream that gets heartbeats by what does not restart.
    if (wall.kind == Kind::silent_stream && layer.counts != Counts::restarts) return false;
    if (wall.kind == Kind::total_stream && layer.counts != Counts::once) return false;
    if (wall.hop.empty()) return true;
    const auto* kind = front_of(layer).kind;
    return base::equals_ignoring_case(wall.hop, layer.name) ||
           base::equals_ignoring_case(wall.hop, kind->name) || contains_ignoring_case(wall.hop, kind->name) ||
           contains_ignoring_case(wall.hop, kind->title) || contains_ignoring_case(wall.hop, layer.name);
  }

  // Of "front:0:idle".
  const config::Front& front_of(const Layer& layer) const {
    std::string_view id = layer.id;
    base::take_item(id, ':');
    return configuration_.fronts[*base::parse_unsigned(base::take_item(id, ':'))];
  }

  const config::Configuration& configuration_;
  std::vector<Layer>& fronts_;
};

Layer layer_of(const ProbedWall& wall, std::size_t place) {
  Layer layer;
  layer.id = fmt::format("probed:{}", place);
  layer.name = wall.hop.empty() ? "something in front" : wall.hop;
  layer.seconds = wall.seconds;
  layer.counts = wall.kind == Kind::total_stream ? Counts::once : Counts::restarts;
  layer.known = Known::probed;
  layer.source = "its limit";
  layer.ours = false;
  layer.evidence = evidence_of(wall);
  return layer;
}

Finding contradiction(const Layer& declared, const ProbedWall& wall, std::string layer) {
  Finding finding;
  finding.severity = Severity::warning;
  finding.layer = std::move(layer);
  finding.text =
      fmt::format("{} is declared {}, and the probe says otherwise: {}.", declared.name,
                  declared.seconds ? "with " + words(*declared.seconds) : std::string("without a limit"),
                  evidence_of(wall));
  finding.suggestion = "Declare what is true of it, or what else stands in front.";
  return finding;
}

Finding held_back(const ProbedWall& wall) {
  Finding finding;
  finding.severity = Severity::warning;
  finding.layer = {};
  const std::string name = wall.hop.empty() ? "Something in front" : wall.hop;
  finding.text = fmt::format(
      "{} holds streams back: the client gets nothing until much has gathered, and no keep-alive ({}{}).",
      name, time_words(wall.at), wall.by.empty() ? "" : ", " + wall.by);
  finding.suggestion = "Switch its buffering of answers off (nginx: proxy_buffering off).";
  return finding;
}

}  // namespace

std::vector<Layer> layers_of_clients(const Observed& observed, config::Endpoint endpoint, bool stream) {
  std::vector<Layer> layers;
  for (const auto& sent : observed.sent)
    if (sent.endpoint == endpoint && sent.stream == stream) layers.push_back(layer_of(sent));
  std::size_t place = 0;
  for (const auto& hang_ups : observed.hang_ups) {
    if (hang_ups.endpoint == endpoint && hang_ups.stream == stream)
      layers.push_back(layer_of(hang_ups, place++));
  }
  return layers;
}

Walls apply_walls(const Observed& observed, const config::Configuration& configuration, bool stream,
                  std::vector<Layer>& fronts) {
  Walls walls;
  const Candidates candidates(configuration, fronts);
  for (const auto& wall : observed.walls) {
    if ((wall.kind == Kind::silent_answer) == stream) continue;
    if (wall.buffers && stream) walls.findings.push_back(held_back(wall));
    if (wall.seconds <= 0) continue;
    Layer* const known = candidates.of(wall);
    if (known && known->known == Known::assumed) {
      known->seconds = wall.seconds;
      known->known = Known::probed;
      known->evidence = evidence_of(wall);
    } else if (known && known->seconds && alike(*known->seconds, wall.seconds)) {
      known->evidence = evidence_of(wall);
    } else {
      walls.layers.push_back(layer_of(wall, walls.layers.size()));
      if (known && known->known == Known::declared)
        walls.findings.push_back(contradiction(*known, wall, walls.layers.back().id));
    }
  }
  return walls;
}

}  // namespace punctual::chain
