#include "probe/walls.hpp"

#include <cmath>
#include <optional>

#include "storage/store.hpp"

namespace punctual::probe {

namespace {

using Wall = chain::ProbedWall;

// Two cuts that are this close are one layer's.
constexpr double same_share = 0.05;

std::optional<Wall::Kind> kind_of(StallKind kind) {
  switch (kind) {
    case StallKind::silent_answer:
      return Wall::Kind::silent_answer;
    case StallKind::silent_stream:
      return Wall::Kind::silent_stream;
    case StallKind::beating_stream:
      return Wall::Kind::total_stream;
    case StallKind::trickle:
      break;
  }
  return std::nullopt;
}

Wall::How how_of(Ending ending) {
  if (ending == Ending::answered) return Wall::How::error;
  return ending == Ending::clean_end ? Wall::How::clean_end : Wall::How::reset;
}

// An answer in one piece is cut with a signed error; a stream cannot be, but the same layer cuts it as soon.
std::string hop_of(const Observation& observation, const Report& report) {
  if (!observation.hop.empty()) return observation.hop;
  const auto* answer = report.of(StallKind::silent_answer);
  if (!answer || answer->hop.empty()) return {};
  const double one = deadline::seconds(observation.lasted);
  const double other = deadline::seconds(answer->lasted);
  return std::abs(one - other) <= same_share * other ? answer->hop : std::string();
}

}  // namespace

std::vector<Wall> walls_of(const Result& result) {
  std::vector<Wall> walls;
  Wall usual;
  usual.at = storage::from_microseconds(result.at);
  usual.by = "on the way to " + result.report.url + (result.by.empty() ? "" : ", with the key " + result.by);
  for (const auto& observation : result.report.observations) {
    const auto kind = kind_of(observation.kind);
    if (!kind || !observation.cut()) continue;
    Wall wall = usual;
    wall.kind = *kind;
    // A tenth is as exact as the way there is.
    wall.seconds = std::round(deadline::seconds(observation.lasted) * 10) / 10;
    wall.how = how_of(observation.ending);
    wall.hop = hop_of(observation, result.report);
    walls.push_back(std::move(wall));
  }
  const auto* trickle = result.report.of(StallKind::trickle);
  if (trickle && trickle->in_lumps) {
    Wall wall = usual;
    wall.kind = Wall::Kind::silent_stream;
    wall.buffers = true;
    walls.push_back(std::move(wall));
  }
  return walls;
}

}  // namespace punctual::probe
