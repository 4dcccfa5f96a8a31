#include "probe/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace punctual::probe {

namespace {

namespace bj = boost::json;

std::string_view title_of(StallKind kind) {
  switch (kind) {
    case StallKind::silent_answer:
      return "an answer that says nothing";
    case StallKind::silent_stream:
      return "a stream that falls silent";
    case StallKind::beating_stream:
      return "a stream with heartbeats";
    case StallKind::trickle:
      return "a stream that talks";
  }
  return {};
}

std::string in_seconds(deadline::Duration duration) {
  return fmt::format("{:.1f} s", deadline::seconds(duration));
}

std::string how_it_held(const Observation& observation) {
  const auto seconds = deadline::seconds(observation.asked);
  if (observation.kind == StallKind::trickle) {
    return observation.in_lumps
               ? fmt::format("its {} events came in lumps: something between holds streams back",
                             observation.events)
               : fmt::format("its {} events came one by one", observation.events);
  }
  if (observation.kind != StallKind::beating_stream) return fmt::format("nobody cut it in {:g} s", seconds);
  // The first event and the last one are no heartbeats.
  const auto heartbeats = observation.events > 2 ? observation.events - 2 : 0;
  if (heartbeats == 0) return fmt::format("nobody cut it in {:g} s, in which no heartbeat came", seconds);
  return fmt::format("nobody cut it in {:g} s; {} heartbeats came through, at most {} apart", seconds,
                     heartbeats, in_seconds(observation.longest_silence));
}

std::string how_it_was_cut(const Observation& observation) {
  const std::string after = in_seconds(observation.lasted);
  switch (observation.ending) {
    case Ending::answered:
      return fmt::format("cut after {}, with status {} of {}", after, observation.status,
                         observation.hop.empty() ? "a layer that does not sign" : observation.hop);
    case Ending::clean_end:
      return fmt::format("cut after {}, by an end in order: programs take that for a success", after);
    case Ending::closed:
      return fmt::format("cut after {}: the connection was closed", after);
    case Ending::reset:
      return fmt::format("cut after {}: the connection was reset", after);
    case Ending::lost:
      return fmt::format("lost: nothing came after {}, not even an end", after);
    case Ending::whole:
      break;
  }
  return {};
}

const SeenStall* seen_of(const Run& run, StallKind kind) {
  const auto found = std::ranges::find(run.seen, kind, &SeenStall::kind);
  return found == run.seen.end() ? nullptr : &*found;
}

// Whether the cut went on to the gateway, so that a model would have stopped.
std::string what_the_gateway_saw(const Observation& observation, const Run& run) {
  const auto* seen = seen_of(run, observation.kind);
  if (!seen) return {};
  if (was_told_at_once(*seen, observation)) return "The gateway was told at once, so that the work stops.";
  if (seen->state == StallState::stopped) return "The gateway itself was about to end.";
  if (seen->state == StallState::open) return "The gateway was not told: it goes on for nobody.";
  return fmt::format("The gateway was told {} later: a model would have worked on for nobody.",
                     in_seconds(seen->lasted - observation.ended_after));
}

std::string names_of(const std::vector<Hop>& hops) {
  std::string names;
  for (const auto& hop : hops)
    names.append(names.empty() ? "" : ", ").append(hop.name);
  return names;
}

bj::value optional_text(const std::string& text) {
  return text.empty() ? bj::value(nullptr) : bj::value(text);
}

}  // namespace

bool was_told_at_once(const SeenStall& seen, const Observation& observation) {
  const bool told = seen.state == StallState::hung_up || seen.state == StallState::blocked;
  return told && seen.lasted - observation.ended_after < std::chrono::seconds(2);
}

std::string sentence_of(const Observation& observation) {
  if (!observation.refusal.empty())
    return fmt::format("{}: refused: {}", title_of(observation.kind), observation.refusal);
  return fmt::format("{}: {}", title_of(observation.kind),
                     observation.cut() ? how_it_was_cut(observation) : how_it_held(observation));
}

std::string place_of(const Observation& observation, const Run& run) {
  if (!observation.cut()) return {};
  std::string text = what_the_gateway_saw(observation, run);
  const auto add = [&text](const std::string& sentence) {
    if (!sentence.empty()) text.append(text.empty() ? "" : " ").append(sentence);
  };
  const bool signed_by_kind = !observation.hop_kind.empty();
  if (!signed_by_kind) {
    if (!run.hops.empty()) add("In the way are: " + names_of(run.hops) + ".");
    add(usual_of(observation.lasted));
  }
  return text;
}

bool harms(const Run& run) {
  const auto* beating = run.report.of(StallKind::beating_stream);
  const auto* trickle = run.report.of(StallKind::trickle);
  const bool judged_broken =
      std::ranges::any_of(run.findings, [](const Finding& finding) { return finding.severity == "broken"; });
  return judged_broken || (beating && beating->cut()) || (trickle && (trickle->cut() || trickle->in_lumps));
}

std::string text_of(const Run& run) {
  std::string text = fmt::format("{} is a Punctual gateway, version {}; connected in {:.0f} ms.\n",
                                 run.report.url, run.version, deadline::seconds(run.connect) * 1000);
  text += run.hops.empty() ? "Nothing between shows itself.\n"
                           : fmt::format("Between are: {}.\n", names_of(run.hops));
  if (!run.heartbeat) text += "The gateway sends no heartbeats; the probe's came every 15 s.\n";
  text += "\n";
  for (const auto& observation : run.report.observations) {
    text += "  " + sentence_of(observation) + "\n";
    if (const auto place = place_of(observation, run); !place.empty()) text += "    " + place + "\n";
  }
  if (!run.not_seen.empty()) text += "\nWhat the gateway saw is not known: " + run.not_seen + "\n";
  if (!run.not_judged.empty()) {
    text += "\nThe gateway made nothing of it: " + run.not_judged + "\n";
    return text;
  }
  text += "\n";
  for (const auto& finding : run.findings) {
    text += fmt::format("{}: {}\n", finding.severity, finding.text);
    if (!finding.suggestion.empty()) text += "  " + finding.suggestion + "\n";
  }
  if (run.findings.empty()) text += "Nothing on this way gives up before the gateway does.\n";
  text += "The gateway keeps this: the page Timeouts shows it in the chain.\n";
  return text;
}

bj::object document_of(const Run& run) {
  bj::object document = to_json(run.report);
  document["version"] = run.version;
  document["connect_milliseconds"] = deadline::seconds(run.connect) * 1000;
  document["heartbeat_seconds"] =
      run.heartbeat ? bj::value(deadline::seconds(*run.heartbeat)) : bj::value(nullptr);
  bj::array hops;
  for (const auto& hop : run.hops)
    hops.push_back(bj::object{{"name", hop.name}, {"kind", hop.kind ? bj::value(hop.kind->name) : nullptr}});
  document["hops"] = std::move(hops);
  auto& observations = document["observations"].as_array();
  for (std::size_t i = 0; i < observations.size(); ++i) {
    auto& object = observations[i].as_object();
    const auto& observation = run.report.observations[i];
    object["text"] = sentence_of(observation);
    object["place"] = optional_text(place_of(observation, run));
    const auto* seen = seen_of(run, observation.kind);
    object["gateway"] = seen ? bj::value(bj::object{{"state", name_of(seen->state)},
                                                    {"lasted_seconds", deadline::seconds(seen->lasted)}})
                             : bj::value(nullptr);
  }
  bj::array findings;
  for (const auto& finding : run.findings)
    findings.push_back(bj::object{{"severity", finding.severity},
                                  {"text", finding.text},
                                  {"suggestion", finding.suggestion},
                                  {"stream", finding.stream}});
  document["findings"] = std::move(findings);
  document["not_seen"] = optional_text(run.not_seen);
  document["not_judged"] = optional_text(run.not_judged);
  return document;
}

}  // namespace punctual::probe
