#include "chain/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace punctual::chain {

namespace {

std::string words(double seconds) {
  return fmt::format("{:g} s", seconds);
}

const Layer* layer_of(const Chain& chain, std::string_view id) {
  const auto found = std::ranges::find(chain.layers, id, &Layer::id);
  return found == chain.layers.end() ? nullptr : &*found;
}

std::optional<double> limit_of(const Chain& chain, std::string_view id) {
  const auto* layer = layer_of(chain, id);
  return layer ? layer->seconds : std::nullopt;
}

// Heartbeats keep a restarting limit of what stands in front from running out.
bool fed(const Layer& layer, const Chain& chain, const Facts& facts) {
  return chain.stream && !layer.ours && layer.counts == Counts::restarts && facts.heartbeat_seconds &&
         *facts.heartbeat_seconds < *layer.seconds;
}

// Of equals the innermost: it is the one that can still say why.
FirstToGiveUp first_of(const Chain& chain, const Facts& facts, bool midway) {
  FirstToGiveUp first;
  for (const auto& layer : chain.layers) {
    if (!layer.seconds || fed(layer, chain, facts)) continue;
    // Their clocks do not run then.
    if (layer.id == "queue" || layer.id == "load" || layer.id == "connect") continue;
    if (layer.id == (midway ? "first_token" : "idle")) continue;
    if (first.layer.empty() || *layer.seconds <= first.seconds) first = {layer.id, *layer.seconds};
  }
  return first;
}

// What to change of a layer in front, where it can be changed, or else here.
std::string raise(const Layer& layer, const std::optional<double>& total, const std::string& or_else) {
  if (layer.source.empty()) return fmt::format("It is fixed in {}: {}.", layer.name, or_else);
  return fmt::format("Raise {} of {} above {}, or {}.", layer.source, layer.name,
                     total ? words(*total) : "what requests may take", or_else);
}

class Judge {
 public:
  Judge(Chain& chain, const Facts& facts) : chain_(chain), facts_(facts) {}

  void fronts() {
    for (const auto& layer : chain_.layers) {
      if (layer.ours || !layer.seconds) continue;
      if (layer.counts == Counts::once) {
        once_in_front(layer);
      } else if (chain_.stream) {
        restarting_before_stream(layer);
      } else {
        restarting_before_whole(layer);
      }
    }
  }

  // An inner limit that is not shorter than the one around it.
  void never_firing() {
    const auto total = limit_of(chain_, "total");
    const auto attempt = limit_of(chain_, "attempt");
    const auto around = std::min(total.value_or(1e18), attempt.value_or(1e18));
    for (const auto* id : {"load", "attempt", "first_token", "idle", "connect", "queue"}) {
      const auto limit = limit_of(chain_, id);
      const std::string_view name = id;
      const bool before_attempt = name == "attempt" || name == "queue" || name == "load";
      const double bound = before_attempt ? total.value_or(1e18) : around;
      if (!limit || *limit < bound) continue;
      const std::string_view outer = !before_attempt && attempt && *attempt == around ? "attempt" : "total";
      add(Severity::note, id,
          fmt::format("`{}` ({}) can never run out: `{}` ({}) always comes first.", id, words(*limit), outer,
                      words(bound)),
          fmt::format("Set {}_seconds below {:g}, or to 0.", id, bound));
    }
  }

  void room_for_the_next() {
    if (facts_.targets < 2) return;
    const auto total = limit_of(chain_, "total");
    const auto own =
        std::min(limit_of(chain_, "first_token").value_or(1e18), limit_of(chain_, "attempt").value_or(1e18));
    if (!total || own < *total) return;
    add(Severity::warning, "attempt",
        fmt::format(
            "The first of {} targets may use up the whole budget of {}: if it accepts requests and falls "
            "silent, the others are never tried.",
            facts_.targets, words(*total)),
        chain_.stream ? "Set first_token_seconds or attempt_seconds of the rule to a part of the total."
                      : "Set attempt_seconds of the rule to a part of the total.");
  }

  void endless() {
    if (!chain_.silent.layer.empty()) return;
    add(Severity::broken, "total", "Nothing ever gives up on a request whose upstream is silent.",
        "Set a total limit.");
  }

 private:
  void once_in_front(const Layer& layer) {
    const auto total = limit_of(chain_, "total");
    if (total && *total < *layer.seconds) return;
    const std::string ours = total ? "before our total of " + words(*total) : "and there is no total of ours";
    add(Severity::broken, layer.id,
        fmt::format(
            "{} gives up on a request after {}, {}: the client gets its error, or a cut stream, and never "
            "ours, which says why.",
            layer.name, words(*layer.seconds), ours),
        raise(layer, total, fmt::format("set the total limit below {}", words(*layer.seconds))));
  }

  void restarting_before_stream(const Layer& layer) {
    const auto& heartbeat = facts_.heartbeat_seconds;
    if (heartbeat && *heartbeat * 2 < *layer.seconds) return;
    const auto silence =
        std::max(limit_of(chain_, "idle").value_or(1e18), limit_of(chain_, "first_token").value_or(1e18));
    if (!heartbeat && silence < *layer.seconds) return;
    const bool cuts = !heartbeat || *heartbeat >= *layer.seconds;
    add(cuts ? Severity::broken : Severity::warning, layer.id,
        cuts ? fmt::format("{} cuts a stream that is silent for {}{}.", layer.name, words(*layer.seconds),
                           heartbeat ? ", and heartbeats come only every " + words(*heartbeat)
                                     : ", and no heartbeats are sent")
             : fmt::format(
                   "{} cuts a stream that is silent for {}; heartbeats come every {}, so that one that is "
                   "late is one too many.",
                   layer.name, words(*layer.seconds), words(*heartbeat)),
        fmt::format(
            "Set heartbeat_seconds below {:g}{}.", *layer.seconds / 2,
            layer.source.empty() ? "" : fmt::format(", or raise {} of {}", layer.source, layer.name)));
  }

  // No byte is sent before the answer, so that the limit counts the whole wait.
  void restarting_before_whole(const Layer& layer) {
    const auto total = limit_of(chain_, "total");
    if (total && *total < *layer.seconds) return;
    add(Severity::broken, layer.id,
        fmt::format(
            "An answer that is not streamed sends no byte before it is whole: {} gives up after {}, {}.",
            layer.name, words(*layer.seconds),
            total ? "before our total of " + words(*total) : "and there is no total of ours"),
        raise(layer, total, "stream"));
  }

  void add(Severity severity, std::string_view layer, std::string text, std::string suggestion) {
    const auto place =
        std::ranges::upper_bound(chain_.findings, severity, std::ranges::greater(), &Finding::severity);
    chain_.findings.insert(place, {severity, std::string(layer), std::move(text), std::move(suggestion)});
  }

  Chain& chain_;
  const Facts& facts_;
};

}  // namespace

void judge(Chain& chain, const Facts& facts) {
  chain.silent = first_of(chain, facts, false);
  if (chain.stream) chain.silent_midway = first_of(chain, facts, true);
  Judge judge(chain, facts);
  judge.fronts();
  judge.never_firing();
  judge.room_for_the_next();
  judge.endless();
}

}  // namespace punctual::chain
