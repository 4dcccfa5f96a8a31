// The chain of timeouts, for people: GET /api/settings/timeouts/chain.
#include <algorithm>
#include <array>

#include "chain/chain.hpp"
#include "control/answers.hpp"
#include "control/query.hpp"
#include "control/route.hpp"
#include "settings/rules.hpp"

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

bj::object document_of(const chain::Chain& chain) {
  bj::array layers;
  for (const auto& layer : chain.layers) {
    layers.push_back(bj::object{{"id", layer.id},
                                {"name", layer.name},
                                {"seconds", optional_number(layer.seconds)},
                                {"counts", chain::name_of(layer.counts)},
                                {"known", chain::name_of(layer.known)},
                                {"source", layer.source},
                                {"ours", layer.ours}});
  }
  bj::array findings;
  for (const auto& finding : chain.findings) {
    findings.push_back(bj::object{{"severity", chain::name_of(finding.severity)},
                                  {"layer", finding.layer},
                                  {"text", finding.text},
                                  {"suggestion", finding.suggestion}});
  }
  return {{"endpoint", config::name_of(chain.endpoint)},
          {"stream", chain.stream},
          {"layers", std::move(layers)},
          {"silent", document_of(chain.silent)},
          {"silent_midway", document_of(chain.silent_midway)},
          {"findings", std::move(findings)}};
}

Answer unknown(const Context& context, const std::string& name, const std::string& value,
               const std::string& right) {
  return problem_of(context, requestlog::ParameterError{name, value, name + "=" + value + ": " + right});
}

Answer get_chain(Context& context) {
  const auto query = Query::parse(context, {"endpoint", "stream", "rule", "provider"});
  if (!query) return problem_of(context, query.error());
  const auto snapshot = context.services.settings.current();
  chain::Subject subject;
  const std::string endpoint(query->value("endpoint").value_or("chat"));
  constexpr std::array all = {config::Endpoint::chat, config::Endpoint::completions,
                              config::Endpoint::embeddings};
  const auto* known = std::ranges::find(all, endpoint, [](auto each) { return config::name_of(each); });
  if (known == all.end())
    return unknown(context, "endpoint", endpoint, "there are chat, completions and embeddings.");
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
  return json_answer(200, document_of(chain::chain_of(*snapshot->configuration, subject)));
}

constexpr std::array<Route, 1> routes = {{
    {"GET", "/api/settings/timeouts/chain", Needs::viewer, Lane::settings, get_chain},
}};

}  // namespace

std::span<const Route> chain_routes() {
  return routes;
}

}  // namespace punctual::control
