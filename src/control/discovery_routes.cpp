// What this machine has already, offered to be added; looked for when it is asked for, and never added here.
#include <unistd.h>

#include <array>

#include "control/answers.hpp"
#include "control/route.hpp"
#include "discovery/offers.hpp"
#include "pool/model_program.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;

// A body for POST /api/settings/providers.
bj::object provider_of(const discovery::ServerOffer& offer) {
  bj::object body = {{"name", offer.name}, {"base_url", offer.server.base_url()}};
  if (offer.preset.empty()) {
    body["kind"] = "openai";
    body["auth"] = "none";
  } else {
    body["preset"] = offer.preset;
  }
  return body;
}

bj::object document_of(const discovery::ServerOffer& offer) {
  bj::array models;
  for (const auto& model : offer.server.models)
    models.emplace_back(model);
  return {{"kind", discovery::name_of(offer.server.kind)},
          {"title", discovery::title_of(offer.server.kind)},
          {"version", offer.server.version},
          {"base_url", offer.server.base_url()},
          {"models", std::move(models)},
          {"model_count", offer.server.model_count},
          {"added", offer.added},
          {"provider", provider_of(offer)}};
}

// A body for POST /api/settings/models.
bj::object model_of(const discovery::FileOffer& offer) {
  bj::object body = {{"name", offer.name},
                     {"engine", config::name_of(config::Engine::llama_server)},
                     {"file", offer.file.path},
                     {"context", offer.context},
                     {"slots", 1}};
  if (!offer.file.projector.empty()) body["projector"] = offer.file.projector;
  return body;
}

bj::object document_of(const discovery::FileOffer& offer, std::uint64_t limit_bytes) {
  const auto& header = offer.file.header;
  return {{"path", offer.file.path},
          {"title", header.name},
          {"architecture", header.architecture},
          {"quantisation", header.quantisation},
          {"kind", pool::name_of(header.kind)},
          {"context_length", header.context_length},
          {"bytes", header.file_bytes},
          {"memory_bytes", offer.memory_bytes},
          {"memory_words", offer.memory_words},
          {"fits", offer.memory_bytes <= limit_bytes},
          {"added", offer.added},
          {"model", model_of(offer)}};
}

bj::array programs() {
  bj::array list;
  for (const auto engine : {config::Engine::llama_server, config::Engine::vllm, config::Engine::mlx_lm}) {
    config::LocalModel model;
    model.engine = engine;
    const auto program = pool::program_of(model, environ);
    list.push_back(bj::object{{"engine", config::name_of(engine)},
                              {"name", program.name},
                              {"path", program.path},
                              {"advice", program.advice}});
  }
  return list;
}

Answer get_discovery(Context& context) {
  const auto& services = context.services;
  const auto view = services.local_models.view(context.request.until);
  if (!view) return problem_answer(context, {503, "The model pool has not answered in time."});
  const auto offers =
      discovery::look(*services.settings.current()->configuration, services.settings.environment(),
                      services.clock, {context.request.until, [&] { return context.request.is_given_up(); }});
  if (!offers) return problem_answer(context, {503, "This machine cannot be looked at: " + offers.error()});
  bj::array servers;
  for (const auto& offer : offers->servers)
    servers.push_back(document_of(offer));
  bj::array files;
  for (const auto& offer : offers->files)
    files.push_back(document_of(offer, view->limit_bytes));
  bj::array folders;
  for (const auto& folder : offers->folders)
    folders.emplace_back(folder);
  bj::array ports(offers->ports.begin(), offers->ports.end());
  return json_answer(200, {{"servers", std::move(servers)},
                           {"files", std::move(files)},
                           {"programs", programs()},
                           {"ports", std::move(ports)},
                           {"folders", std::move(folders)},
                           {"complete", offers->complete}});
}

constexpr std::array<Route, 1> routes = {{
    {"GET", "/api/discovery", Needs::administrator, Lane::queries, get_discovery},
}};

}  // namespace

std::span<const Route> discovery_routes() {
  return routes;
}

}  // namespace punctual::control
