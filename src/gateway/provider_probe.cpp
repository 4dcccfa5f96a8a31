#include "gateway/provider_probe.hpp"

#include <fmt/format.h>

#include "backend/whole_answer.hpp"
#include "gateway/core.hpp"
#include "gateway/model_list.hpp"

namespace punctual::gateway {

using deadline::Phase;

namespace {

constexpr std::size_t document_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t message_characters_max = 300;

// Providers quote what they were sent.
std::string without_key(std::string text, std::string_view key) {
  if (key.empty()) return text;
  for (auto at = text.find(key); at != std::string::npos; at = text.find(key))
    text.replace(at, key.size(), "[key]");
  return text;
}

std::string message_in(Core& core, std::string& document) {
  const auto parsed = core.json_reader.read(document);
  std::string_view message;
  if (!parsed) return {};
  // Gemini has it in a list.
  simdjson::dom::element first;
  simdjson::dom::element error;
  if (parsed->at(0).get(first)) first = *parsed;
  if (first["error"].get(error)) return {};
  if (error["message"].get(message) && error.get(message)) return {};
  return std::string(message.substr(0, message_characters_max));
}

void read_models(Core& core, std::string& document, ProbeResult& result) {
  const auto parsed = core.json_reader.read(document);
  const auto data = parsed ? model_list(*parsed) : std::nullopt;
  if (!data) {
    result.detail =
        "It answered, but not with a list of models: is base_url right? It usually ends with /v1.";
    return;
  }
  for (const auto item : *data) {
    std::string_view id;
    if (item["id"].get(id)) continue;
    ++result.model_count;
    if (result.models.size() < probed_models_max) result.models.emplace_back(id);
  }
  result.good = true;
  result.detail = fmt::format("It answered, and has {} models.", result.model_count);
}

void judge(Core& core, const config::Provider& provider, std::string& document, ProbeResult& result) {
  if (result.status >= 200 && result.status < 300) return read_models(core, document, result);
  const std::string said = without_key(message_in(core, document), provider.api_key.reveal());
  const std::string quoted = said.empty() ? "" : " It says: " + said;
  if (result.status == 401 || result.status == 403) {
    result.detail =
        (provider.api_key.empty() ? "It wants a key, and none is set." : "It does not take the key.") +
        quoted;
  } else if (result.status == 404) {
    result.detail = "There is no list of models at base_url + /models: is base_url right?" + quoted;
  } else {
    result.detail = fmt::format("It answered with status {}.{}", result.status, quoted);
  }
}

base::Task<void> probe(Core& core, std::shared_ptr<const config::Configuration> configuration,
                       const config::Provider& provider, std::function<void(ProbeResult)> done) {
  const auto owner = std::move(configuration);
  deadline::NoClient hooks;
  deadline::Watch watch(core.runtime.clock(), core.runtime.wheel(), core.runtime.ready(), hooks);
  deadline::Limits limits;
  limits[Phase::total] = {probe_limit, {}};
  watch.begin(limits);
  watch.start(Phase::total);
  const auto started = watch.now();
  ProbeResult result;
  {
    backend::Call call(core.services, watch);
    backend::UpstreamRequest request;
    request.provider = &provider;
    request.method = "GET";
    request.path = "/models";
    const std::span<const std::string_view> no_body;
    const auto opened = co_await call.open(request, no_body);
    if (opened) {
      result.status = call.head().status;
      auto document = co_await read_whole(call, watch, document_bytes_max);
      if (document) {
        judge(core, provider, *document, result);
      } else {
        result.detail = watch.interruption() ? "Its answer did not end within 15 seconds."
                                             : "Its answer broke off, or is too large.";
      }
    } else if (opened.error().kind == backend::FailureKind::interrupted) {
      result.detail = "It did not answer within 15 seconds.";
    } else {
      result.detail = opened.error().detail;
    }
    result.connect = call.connect_duration().value_or(deadline::Duration::zero());
  }
  result.duration = watch.now() - started;
  done(std::move(result));
}

}  // namespace

void probe_provider(Core& core, std::shared_ptr<const config::Configuration> configuration,
                    const config::Provider& provider, std::function<void(ProbeResult)> done) {
  if (provider.kind == config::ProviderKind::simulated) {
    ProbeResult result;
    result.good = true;
    result.detail = "The simulation is built in.";
    return done(std::move(result));
  }
  base::spawn(probe(core, std::move(configuration), provider, std::move(done)));
}

}  // namespace punctual::gateway
