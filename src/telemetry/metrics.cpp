#include "telemetry/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace punctual::telemetry {

void Histogram::observe(deadline::Duration duration) {
  const double length = deadline::seconds(duration);
  const auto place = std::ranges::lower_bound(bounds_seconds, length) - bounds_seconds.begin();
  buckets_[static_cast<std::size_t>(place)].add();
  sum_nanoseconds_.add(static_cast<std::uint64_t>(std::max(duration, deadline::Duration::zero()).count()));
}

std::string_view name_of(Outcome outcome) {
  constexpr std::array<std::string_view, outcome_count> names = {"success", "timeout",   "error",
                                                                 "refused", "cancelled", "stopped"};
  return names[static_cast<std::size_t>(outcome)];
}

class Exposition {
 public:
  explicit Exposition(std::span<const Metrics* const> cores) : cores_(cores) {}

  void family(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }

  template <class Pick>
  void value(std::string_view name, std::string_view labels, Pick pick) {
    fmt::format_to(std::back_inserter(text_), "{}{} {}\n", name, labels, sum(pick));
  }

  template <class Pick>
  void histogram(std::string_view name, std::string_view labels, Pick pick) {
    std::uint64_t cumulated = 0;
    const std::string_view comma = labels.empty() ? "" : ",";
    for (std::size_t i = 0; i <= Histogram::bounds_seconds.size(); ++i) {
      cumulated += sum([&](const Metrics& metrics) -> const Counter& { return pick(metrics).buckets_[i]; });
      const std::string bound =
          i < Histogram::bounds_seconds.size() ? fmt::format("{}", Histogram::bounds_seconds[i]) : "+Inf";
      fmt::format_to(std::back_inserter(text_), "{}_bucket{{{}{}le=\"{}\"}} {}\n", name, labels, comma, bound,
                     cumulated);
    }
    const auto nanoseconds =
        sum([&](const Metrics& metrics) -> const Counter& { return pick(metrics).sum_nanoseconds_; });
    const std::string braced = labels.empty() ? "" : fmt::format("{{{}}}", labels);
    fmt::format_to(std::back_inserter(text_), "{}_sum{} {}\n{}_count{} {}\n", name, braced,
                   static_cast<double>(nanoseconds) / 1e9, name, braced, cumulated);
  }

  std::string take() { return std::move(text_); }

 private:
  template <class Pick>
  std::uint64_t sum(Pick pick) const {
    std::uint64_t total = 0;
    for (const Metrics* core : cores_)
      total += pick(*core).value();
    return total;
  }

  std::span<const Metrics* const> cores_;
  std::string text_;
};

namespace {

constexpr std::array<std::string_view, endpoint_count> endpoints = {"chat", "completions", "embeddings"};

void add_requests(Exposition& text) {
  text.family("punctual_requests_total", "counter",
              "Generating requests that ended, by endpoint and outcome.");
  for (std::size_t e = 0; e < endpoint_count; ++e) {
    for (std::size_t o = 0; o < outcome_count; ++o) {
      text.value(
          "punctual_requests_total",
          fmt::format("{{endpoint=\"{}\",outcome=\"{}\"}}", endpoints[e], name_of(static_cast<Outcome>(o))),
          [=](const Metrics& metrics) -> const Counter& { return metrics.requests[e][o]; });
    }
  }
}

void add_timeouts(Exposition& text) {
  text.family("punctual_timeouts_total", "counter",
              "Limits that ran out, by phase and by where the limit was set.");
  for (const auto phase : deadline::all_phases) {
    for (std::size_t s = 0; s < source_kind_count; ++s) {
      text.value("punctual_timeouts_total",
                 fmt::format("{{limit=\"{}\",source=\"{}\"}}", deadline::name_of(phase),
                             deadline::name_of(static_cast<deadline::SourceKind>(s))),
                 [=](const Metrics& metrics) -> const Counter& {
                   return metrics.timeouts[deadline::index_of(phase)][s];
                 });
    }
  }
}

void add_durations(Exposition& text) {
  text.family("gen_ai_server_request_duration_seconds", "histogram",
              "From the parsed head to the end of the answer.");
  for (std::size_t e = 0; e < endpoint_count; ++e) {
    text.histogram("gen_ai_server_request_duration_seconds", fmt::format("endpoint=\"{}\"", endpoints[e]),
                   [=](const Metrics& metrics) -> const Histogram& { return metrics.request_duration[e]; });
  }
  text.family("gen_ai_server_time_to_first_token_seconds", "histogram",
              "From the parsed head to the first content (streams) or the answer's head.");
  for (std::size_t e = 0; e < endpoint_count; ++e) {
    text.histogram(
        "gen_ai_server_time_to_first_token_seconds", fmt::format("endpoint=\"{}\"", endpoints[e]),
        [=](const Metrics& metrics) -> const Histogram& { return metrics.time_to_first_token[e]; });
  }
  text.family("punctual_deadline_lateness_seconds", "histogram",
              "How long after its time a limit was acted on.");
  text.histogram("punctual_deadline_lateness_seconds", "",
                 [](const Metrics& metrics) -> const Histogram& { return metrics.deadline_lateness; });
  text.family("punctual_hang_up_to_cancel_seconds", "histogram",
              "From noticing that the client left to having closed the upstream connection.");
  text.histogram("punctual_hang_up_to_cancel_seconds", "",
                 [](const Metrics& metrics) -> const Histogram& { return metrics.hang_up_to_cancel; });
  text.family(
      "punctual_cancel_to_free_seconds", "histogram",
      "From the end of a local model's request to its engine's being free of it, as the engine says.");
  for (std::size_t answering = 0; answering < 2; ++answering) {
    text.histogram(
        "punctual_cancel_to_free_seconds", answering == 1 ? "phase=\"answer\"" : "phase=\"prompt\"",
        [=](const Metrics& metrics) -> const Histogram& { return metrics.cancel_to_free[answering]; });
  }
}

struct Plain {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  Counter Metrics::* counter;
};

constexpr std::array<Plain, 15> plain = {{
    {"punctual_prompt_tokens_total", "counter", "Prompt tokens that upstreams counted.",
     &Metrics::prompt_tokens},
    {"punctual_completion_tokens_total", "counter", "Tokens that upstreams generated.",
     &Metrics::completion_tokens},
    {"punctual_attempts_total", "counter", "Upstream calls.", &Metrics::attempts},
    {"punctual_fallbacks_total", "counter", "Upstream calls to a further target of the rule.",
     &Metrics::fallbacks},
    {"punctual_retries_total", "counter", "Upstream calls to the same target once more.", &Metrics::retries},
    {"punctual_queue_refusals_total", "counter",
     "Requests that a target's queue refused: it was full, or a slot would have come too late.",
     &Metrics::queue_refusals},
    {"punctual_breakers_opened_total", "counter", "Targets that were left alone because they failed.",
     &Metrics::breakers_opened},
    {"punctual_engines_quarantined_total", "counter",
     "Local engines restarted because they did not let go of a cancelled request.",
     &Metrics::engines_quarantined},
    {"punctual_upstream_connections_opened_total", "counter", "Upstream connections opened.",
     &Metrics::upstream_connections_opened},
    {"punctual_upstream_connections_reused_total", "counter", "Upstream calls over a kept connection.",
     &Metrics::upstream_connections_reused},
    {"punctual_heartbeats_total", "counter", "Heartbeats sent into silent streams.", &Metrics::heartbeats},
    {"punctual_requests_in_flight", "gauge", "Generating requests that run now.",
     &Metrics::requests_in_flight},
    {"punctual_connections_open", "gauge", "Client connections that are open now.",
     &Metrics::connections_open},
    {"punctual_connections_refused_total", "counter", "Client connections above the limit.",
     &Metrics::connections_refused},
    {"punctual_records_lost_total", "counter", "Request records that could not be written.",
     &Metrics::records_lost},
}};

}  // namespace

std::string prometheus_text(std::span<const Metrics* const> cores) {
  Exposition text(cores);
  add_requests(text);
  add_timeouts(text);
  add_durations(text);
  for (const auto& item : plain) {
    text.family(item.name, item.type, item.help);
    text.value(item.name, "",
               [&](const Metrics& metrics) -> const Counter& { return metrics.*item.counter; });
  }
  return text.take();
}

}  // namespace punctual::telemetry
