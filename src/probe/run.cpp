#include "probe/run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "backend/own_loop.hpp"
#include "probe/prober.hpp"
#include "probe/words.hpp"
#include "secrets/token.hpp"
#include "settings/json_table.hpp"

namespace punctual::probe {

namespace {

namespace bj = boost::json;

// Longer than any layer that is known waits.
constexpr deadline::Duration usual_longest = std::chrono::seconds(310);
constexpr deadline::Duration trickle_duration = std::chrono::seconds(2);
constexpr base::Signals::Mask one_ended = 1;

double number_in(const bj::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_number() ? value->to_number<double>() : 0;
}

std::string text_in(const bj::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

// What a refusal of the gateway, or of somebody before it, says.
std::string refusal_in(const Document& document) {
  if (document.status >= 300 && document.status < 400)
    return fmt::format("it answers with {} and sends one to {}", document.status, document.location);
  const auto detail = detail_of(document.text);
  return detail.empty() ? fmt::format("it answers with status {}", document.status) : detail;
}

class Conductor {
 public:
  Conductor(RunOptions options, backend::OwnLoop& loop)
      : options_(std::move(options)),
        loop_(loop),
        gateway_{loop.services(), provider_},
        ended_(loop.services().runtime.ready()) {
    provider_.name = "gateway";
    provider_.base_url = options_.url;
    provider_.ca_file = options_.ca_file;
    provider_.api_key = std::move(options_.key);
    provider_.headers = {{"Content-Type", "application/json"}};
    run_.report.url = options_.url.text();
  }

  base::Task<void> conduct() {
    const bool reached = co_await ask_about();
    if (reached) {
      co_await observe_all();
      co_await ask_the_gateway();
      refine();
      co_await report();
    }
    loop_.stop();
  }

  std::expected<Run, std::string> result() {
    if (!problem_.empty()) return std::unexpected(std::move(problem_));
    return std::move(run_);
  }

 private:
  base::Task<bool> ask_about() {
    const std::string path(probes_path);
    const std::string no_body;
    const auto document = co_await ask(gateway_, path, no_body);
    if (!document) {
      problem_ = document.error();
      co_return false;
    }
    const auto object = settings::parse_object(document->text);
    if (document->status != 200 || !object || !object->contains("probe")) {
      problem_ =
          fmt::format("{} cannot be probed: {}", run_.report.url,
                      document->status == 200 ? "what answers there is no Punctual gateway of this version"
                                              : refusal_in(*document));
      co_return false;
    }
    run_.version = text_in(*object, "version");
    run_.connect = document->connect;
    run_.hops = document->hops;
    if (number_in(*object, "heartbeat_seconds") > 0)
      run_.heartbeat = deadline::from_seconds(number_in(*object, "heartbeat_seconds"));
    const double total = number_in(*object, "total_seconds");
    run_.longest = usual_longest;
    if (total > 0) run_.longest = std::min(run_.longest, deadline::from_seconds(total));
    if (options_.longest) run_.longest = *options_.longest;
    const double most = number_in(*object, "seconds_max");
    if (most > 0) run_.longest = std::min(run_.longest, deadline::from_seconds(most));
    name_ = secrets::new_id("probe");
    co_return true;
  }

  base::Task<void> observe_one(StallKind kind) {
    const bool short_one = kind == StallKind::trickle;
    const StallRequest request{name_, kind,
                               short_one ? std::min(trickle_duration, run_.longest) : run_.longest};
    auto observation = co_await observe(gateway_, request);
    if (options_.tell) options_.tell(sentence_of(observation));
    run_.report.observations.push_back(std::move(observation));
    --going_on_;
    ended_.raise(one_ended);
  }

  base::Task<void> observe_all() {
    // One that closes before the first byte of an answer is a finding, not a kept connection that went stale.
    gateway_.services.pool.clear();
    going_on_ = stall_kind_count;
    if (options_.tell)
      options_.tell(
          fmt::format("silent for up to {:g} s, four ways at once ...", deadline::seconds(run_.longest)));
    for (std::size_t i = 0; i < stall_kind_count; ++i)
      base::spawn(observe_one(static_cast<StallKind>(i)));
    while (going_on_ > 0)
      co_await ended_.wait(one_ended);
    std::ranges::sort(run_.report.observations, {}, &Observation::kind);
    for (const auto& observation : run_.report.observations) {
      if (!observation.refusal.empty())
        problem_ = "the gateway does not want to be probed: " + observation.refusal;
    }
  }

  base::Task<void> ask_the_gateway() {
    if (!problem_.empty()) co_return;
    const std::string path = std::string(probes_path) + "/" + name_;
    const std::string no_body;
    const auto document = co_await ask(gateway_, path, no_body);
    if (!document || document->status != 200) {
      run_.not_seen = document ? refusal_in(*document) : document.error();
      co_return;
    }
    const auto object = settings::parse_object(document->text);
    const auto* stalls = object ? object->if_contains("stalls") : nullptr;
    const auto* list = stalls ? stalls->if_array() : nullptr;
    if (!list) co_return;
    for (const auto& each : *list) {
      const auto* stall = each.if_object();
      const auto kind = stall ? stall_kind_named(text_in(*stall, "kind")) : std::nullopt;
      const auto state = stall ? stall_state_named(text_in(*stall, "state")) : std::nullopt;
      if (!kind || !state) continue;
      run_.seen.push_back({*kind, deadline::from_seconds(number_in(*stall, "seconds")), *state,
                           deadline::from_seconds(number_in(*stall, "lasted_seconds"))});
    }
  }

  // The first event may have been held back on its way, even to the end: how long the silence was before the
  // hop that cut it, the gateway knows better, if the cut came through to it.
  void refine() {
    for (auto& observation : run_.report.observations) {
      if (observation.kind != StallKind::silent_stream || !observation.cut()) continue;
      const auto stall = std::ranges::find(run_.seen, observation.kind, &SeenStall::kind);
      if (stall == run_.seen.end() || stall->state != StallState::hung_up) continue;
      if (was_told_at_once(*stall, observation)) observation.lasted = stall->lasted;
    }
  }

  base::Task<void> report() {
    if (!problem_.empty()) co_return;
    const std::string path = std::string(probes_path) + "/" + name_;
    const std::string body = bj::serialize(to_json(run_.report));
    const auto document = co_await ask(gateway_, path, body);
    if (!document || document->status != 200) {
      run_.not_judged = document ? refusal_in(*document) : document.error();
      co_return;
    }
    const auto object = settings::parse_object(document->text);
    const auto* findings = object ? object->if_contains("findings") : nullptr;
    const auto* list = findings ? findings->if_array() : nullptr;
    if (!list) co_return;
    for (const auto& each : *list) {
      const auto* finding = each.if_object();
      if (!finding) continue;
      const auto* stream = finding->if_contains("stream");
      run_.findings.push_back({text_in(*finding, "severity"), text_in(*finding, "text"),
                               text_in(*finding, "suggestion"), stream && *stream == true});
    }
  }

  RunOptions options_;
  backend::OwnLoop& loop_;
  config::Provider provider_;
  Gateway gateway_;
  base::Signals ended_;
  std::string name_;
  std::size_t going_on_ = 0;
  std::string problem_;
  Run run_;
};

}  // namespace

std::expected<Run, std::string> run_probe(RunOptions options, const deadline::Clock& clock) {
  const auto loop = backend::OwnLoop::create(clock);
  if (!loop) return std::unexpected(loop.error());
  Conductor conductor(std::move(options), **loop);
  base::spawn(conductor.conduct());
  (*loop)->run();
  return conductor.result();
}

}  // namespace punctual::probe
