// The chain of timeouts, for people: what it is, what stands in front, what a change would make of it.
#include <algorithm>
#include <array>
#include <set>

#include "chain/chain.hpp"
#include "chain/chat_page.hpp"
#include "control/answers.hpp"
#include "control/if_match.hpp"
#include "control/observed.hpp"
#include "control/query.hpp"
#include "control/route.hpp"
#include "settings/fronts.hpp"
#include "settings/rules.hpp"
#include "settings/timeouts.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;

bj::value optional_number(const std::optional<double>& number) {
  return number ? bj::value(*number) : bj::value(nullptr);
}

bj::object document_of(const chain::FirstToGiveUp& first) {
  return {{"layer", first.layer.empty() ? bj::value(nullptr) : bj::value(first.layer)},
          {"seconds", first.layer.empty() ? bj::value(nullptr) : bj::value(first.seconds)}};
}

bj::object document_of(const chain::Finding& finding) {
  return {{"severity", chain::name_of(finding.severity)},
          {"layer", finding.layer},
          {"text", finding.text},
          {"suggestion", finding.suggestion},
          {"requests", finding.requests}};
}

bj::object document_of(const chain::Chain& chain) {
  bj::array layers;
  for (const auto& layer : chain.layers) {
    layers.push_back(bj::object{{"id", layer.id},
                                {"name", layer.name},
                                {"seconds", optional_number(layer.seconds)},
                                {"counts", chain::name_of(layer.counts)},
                                {"known", chain::name_of(layer.known)},
                                {"source", layer.source},
                                {"ours", layer.ours},
                                {"evidence", layer.evidence},
                                {"requests", layer.requests}});
  }
  bj::array findings;
  for (const auto& finding : chain.findings)
    findings.push_back(document_of(finding));
  return {{"endpoint", config::name_of(chain.endpoint)},
          {"stream", chain.stream},
          {"layers", std::move(layers)},
          {"heartbeat_seconds", optional_number(chain.heartbeat_seconds)},
          {"silent", document_of(chain.silent)},
          {"silent_midway", document_of(chain.silent_midway)},
          {"findings", std::move(findings)}};
}

Answer unknown(const Context& context, const std::string& name, const std::string& value,
               const std::string& right) {
  return problem_of(context, requestlog::ParameterError{name, value, name + "=" + value + ": " + right});
}

Answer get_chain(Context& context) {
  const auto query = Query::parse(context, {"endpoint", "stream", "rule", "provider", "model"});
  if (!query) return problem_of(context, query.error());
  const auto snapshot = context.services.settings.current();
  chain::Subject subject;
  const std::string endpoint(query->value("endpoint").value_or("chat"));
  if (endpoint == chain::chat_page_name) {
    auto document = document_of(chain::chat_page_chain(*snapshot->configuration, {}));
    document["endpoint"] = endpoint;
    return json_answer(200, document);
  }
  constexpr std::array all = {config::Endpoint::chat, config::Endpoint::completions,
                              config::Endpoint::embeddings};
  const auto* known = std::ranges::find(all, endpoint, [](auto each) { return config::name_of(each); });
  if (known == all.end())
    return unknown(context, "endpoint", endpoint, "there are chat, completions, embeddings and chat_page.");
  subject.endpoint = *known;
  const std::string stream(query->value("stream").value_or(endpoint == "embeddings" ? "false" : "true"));
  if (stream != "true" && stream != "false") return unknown(context, "stream", stream, "give true or false.");
  subject.stream = stream == "true";
  if (const auto id = query->value("rule")) {
    subject.rule = settings::rule_of_id(*snapshot, *id);
    if (!subject.rule) return unknown(context, "rule", std::string(*id), "there is no rule of this id.");
  }
  if (const auto name = query->value("provider")) {
    subject.provider = snapshot->configuration->provider_named(*name);
    if (!subject.provider)
      return unknown(context, "provider", std::string(*name), "there is no such provider.");
  }
  if (const auto name = query->value("model")) {
    const auto* model = snapshot->configuration->model_named(*name);
    if (!model) return unknown(context, "model", std::string(*name), "there is no such local model.");
    subject.provider = &model->provider;
  }
  const auto observed = read_observed(context.reader, context.services.clock);
  return json_answer(200, document_of(chain::chain_of(*snapshot->configuration, subject, observed)));
}

bool has_like(const chain::Chain& chain, const chain::Finding& finding) {
  return std::ranges::any_of(chain.findings, [&](const auto& one) {
    return one.layer == finding.layer && one.severity == finding.severity;
  });
}

// What is wrong with the chains after a change, each thing once.
class Difference {
 public:
  void add(const chain::Chain& before, const chain::Chain& after, std::string_view rule) {
    for (const auto& finding : after.findings) {
      if (!texts_.insert(finding.text).second) continue;
      auto document = document_of(finding);
      document["endpoint"] = config::name_of(after.endpoint);
      document["stream"] = after.stream;
      document["rule"] = rule.empty() ? bj::value(nullptr) : bj::value(rule);
      document["is_new"] = !has_like(before, finding);
      findings_.push_back(std::move(document));
    }
  }
  bj::array take() { return std::move(findings_); }

 private:
  std::set<std::string> texts_;
  bj::array findings_;
};

Answer post_preview(Context& context) {
  context.body.erase("version");
  const auto rehearsed = settings::rehearse_timeouts(context.services.settings, context.body);
  if (!rehearsed) return problem_of(context, rehearsed.error());
  const auto current = context.services.settings.current();
  const auto& before = *current->configuration;
  const auto& after = *(*rehearsed)->configuration;
  const auto observed = read_observed(context.reader, context.services.clock);
  Difference difference;
  const auto add = [&](config::Endpoint endpoint, bool stream) {
    const chain::Subject subject{.endpoint = endpoint, .stream = stream};
    difference.add(chain::chain_of(before, subject, observed), chain::chain_of(after, subject, observed), {});
  };
  using config::Endpoint;
  for (const auto endpoint : {Endpoint::chat, Endpoint::completions, Endpoint::embeddings}) {
    if (endpoint != Endpoint::embeddings) add(endpoint, true);
    add(endpoint, false);
  }
  // A change of the timeouts changes no rule; another's change between the two reads may.
  const auto rules = std::min(before.rules.size(), after.rules.size());
  for (std::size_t i = 0; i < rules; ++i) {
    const auto was = chain::chain_of(before, {.stream = true, .rule = &before.rules[i]}, observed);
    difference.add(was, chain::chain_of(after, {.stream = true, .rule = &after.rules[i]}, observed),
                   after.rules[i].pattern);
  }
  return json_answer(200, bj::object{{"findings", difference.take()}});
}

Answer fronts_answer(const settings::Snapshot& snapshot) {
  return versioned_answer(200, settings::fronts_document(snapshot),
                          snapshot.stored.version_of(settings::Section::fronts));
}

Answer get_fronts(Context& context) {
  return fronts_answer(*context.services.settings.current());
}

Answer put_fronts(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  // What was read may be sent back.
  for (const auto* name : {"version", "source", "in_file", "kinds"})
    context.body.erase(name);
  const auto changed =
      settings::change_fronts(context.services.settings, context.actor(), *if_match, context.body);
  if (!changed) return problem_of(context, changed.error());
  return fronts_answer(**changed);
}

constexpr std::array<Route, 4> routes = {{
    {"GET", "/api/settings/timeouts/chain", Needs::viewer, Lane::queries, get_chain},
    {"POST", "/api/settings/timeouts/preview", Needs::viewer, Lane::queries, post_preview},
    {"GET", "/api/settings/fronts", Needs::viewer, Lane::settings, get_fronts},
    {"PUT", "/api/settings/fronts", Needs::administrator, Lane::settings, put_fronts},
}};

}  // namespace

std::span<const Route> chain_routes() {
  return routes;
}

}  // namespace punctual::control
