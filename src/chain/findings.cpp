#include "chain/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "chain/request_query.hpp"
#include "chain/words.hpp"

namespace punctual::chain {

namespace {

constexpr double near_share = 0.95;  // of a limit: what took so long may have been ended by it

// What may cut a request off between the client and us; not what clients are seen to do.
bool in_front(const Layer& layer) {
  const bool seen = layer.known == Known::sent || layer.known == Known::learnt;
  return !layer.ours && !seen && layer.id != upstream_id;
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
bool fed(const Layer& layer, const Chain& chain) {
  return chain.stream && in_front(layer) && layer.counts == Counts::restarts && chain.heartbeat_seconds &&
         *chain.heartbeat_seconds < *layer.seconds;
}

// Of equals the innermost: it is the one that can still say why.
FirstToGiveUp first_of(const Chain& chain, bool midway) {
  FirstToGiveUp first;
  for (const auto& layer : chain.layers) {
    if (!layer.seconds || fed(layer, chain)) continue;
    // Ours end before what is announced; and what is learnt is no fact.
    if (layer.known == Known::sent || layer.known == Known::learnt) continue;
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
      if (!in_front(layer) || !layer.seconds) continue;
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
                      : "Set attempt_seconds of the rule to a part of the total.",
        RequestQuery(chain_.endpoint).with("rule", facts_.rule).with("outcome", "timeout").text());
  }

  // The upstream's own limit ends a call before ours can.
  void upstream() {
    const auto* own = layer_of(chain_, upstream_id);
    if (!own || !own->seconds) return;
    const auto total = limit_of(chain_, "total");
    const auto attempt = limit_of(chain_, "attempt");
    const bool by_attempt = attempt && *attempt <= total.value_or(1e18);
    const auto& around = by_attempt ? attempt : total;
    if (around && *around < *own->seconds) return;
    const std::string_view name = by_attempt ? "attempt" : "total";
    const std::string provider = own->name.substr(0, own->name.find(','));
    add(Severity::warning, own->id,
        around
            ? fmt::format("{} gives up by itself after {}, before our `{}` of {}: its own error comes first, "
                          "and it is recorded as an error of the upstream, not as a limit.",
                          provider, words(*own->seconds), name, words(*around))
            : fmt::format("{} gives up by itself after {}, and no limit of ours comes before: its own error "
                          "is what clients get.",
                          provider, words(*own->seconds)),
        fmt::format("Set attempt_seconds of {} below {:g}, or raise its own limit and declare that.",
                    provider, *own->seconds),
        RequestQuery(chain_.endpoint)
            .with("provider", provider)
            .with("outcome", "error")
            .longer_than(*own->seconds * near_share)
            .text());
  }

  void clients() {
    for (const auto& layer : chain_.layers) {
      if (layer.known == Known::learnt) hung_up(layer);
      if (layer.known == Known::sent) announced(layer);
    }
  }

  void observed() {
    for (const auto& finding : facts_.observed)
      add(finding);
  }

  void endless() {
    if (!chain_.silent.layer.empty()) return;
    add(Severity::broken, "total", "Nothing ever gives up on a request whose upstream is silent.",
        "Set a total limit.");
  }

 private:
  // What else in the chain would explain that clients hang up then; empty: nothing.
  std::string explanation(const Layer& learnt) const {
    constexpr double alike = 0.02;
    for (const auto& layer : chain_.layers) {
      const bool apart = layer.ours || layer.known == Known::learnt || layer.id == upstream_id;
      if (apart || !layer.seconds || std::abs(*layer.seconds - *learnt.seconds) > alike * *learnt.seconds)
        continue;
      return layer.known == Known::sent
                 ? fmt::format("That is what they announce ({}).", layer.source)
                 : fmt::format("The limit of {} ({}) would explain it.", layer.name, words(*layer.seconds));
    }
    return {};
  }

  void hung_up(const Layer& layer) {
    const auto total = limit_of(chain_, "total");
    if (total && *total < *layer.seconds) return;
    const auto why = explanation(layer);
    add(Severity::warning, layer.id,
        fmt::format(
            "{}, before {}. {}", layer.evidence,
            total ? "our total of " + words(*total) : std::string("any total of ours"),
            why.empty() ? "A limit of theirs, or of something in front, is likely; it is not known." : why),
        fmt::format("Find out what gives up then and declare it in front; or set the total limit below {}.",
                    words(*layer.seconds)),
        layer.requests);
  }

  // They are kept, so that the order is right; but who sets a longer limit here should know.
  void announced(const Layer& layer) {
    const auto total = limit_of(chain_, "total");
    const bool fed_by_heartbeats = chain_.stream && layer.counts == Counts::restarts;
    if (fed_by_heartbeats || (total && *total <= *layer.seconds)) return;
    add(Severity::note, layer.id,
        fmt::format("{}: {}. Such a request ends by then, with an error that says so, and {}.", layer.source,
                    layer.evidence,
                    total ? "not at our total of " + words(*total) : std::string("not without a limit")),
        {});
  }

  void once_in_front(const Layer& layer) {
    const auto total = limit_of(chain_, "total");
    if (total && *total < *layer.seconds) return;
    const std::string ours = total ? "before our total of " + words(*total) : "and there is no total of ours";
    add(Severity::broken, layer.id,
        fmt::format(
            "{} gives up on a request after {}, {}: the client gets its error, or a cut stream, and never "
            "ours, which says why.",
            layer.name, words(*layer.seconds), ours),
        raise(layer, total, fmt::format("set the total limit below {}", words(*layer.seconds))),
        longer_than(*layer.seconds));
  }

  void restarting_before_stream(const Layer& layer) {
    const auto& heartbeat = chain_.heartbeat_seconds;
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
        fmt::format("Set heartbeat_seconds below {:g}{}.", *layer.seconds / 2,
                    layer.source.empty() ? "" : fmt::format(", or raise {} of {}", layer.source, layer.name)),
        longer_than(*layer.seconds));
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
        raise(layer, total, "stream"), longer_than(*layer.seconds));
  }

  std::string longer_than(double seconds) const {
    return RequestQuery(chain_.endpoint).longer_than(seconds).text();
  }

  void add(Severity severity, std::string_view layer, std::string text, std::string suggestion,
           std::string requests = {}) {
    add({severity, std::string(layer), std::move(text), std::move(suggestion), std::move(requests)});
  }
  void add(Finding finding) {
    const auto place = std::ranges::upper_bound(chain_.findings, finding.severity, std::ranges::greater(),
                                                &Finding::severity);
    chain_.findings.insert(place, std::move(finding));
  }

  Chain& chain_;
  const Facts& facts_;
};

}  // namespace

void judge(Chain& chain, const Facts& facts) {
  chain.silent = first_of(chain, false);
  if (chain.stream) chain.silent_midway = first_of(chain, true);
  Judge judge(chain, facts);
  judge.fronts();
  judge.upstream();
  judge.clients();
  judge.never_firing();
  judge.room_for_the_next();
  judge.endless();
  judge.observed();
}

}  // namespace punctual::chain
