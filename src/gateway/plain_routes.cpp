#include "gateway/plain_routes.hpp"

#include <boost/json.hpp>

#include "api/operation.hpp"
#include "base/text.hpp"
#include "gateway/known_models.hpp"
#include "http/head_writer.hpp"
#include "ui/pages.hpp"

namespace punctual::gateway {

namespace {

namespace bj = boost::json;

constexpr std::string_view json_type = "application/json";
constexpr std::string_view models_path = "/v1/models";

bj::object model_object(std::string_view id, std::string_view owner) {
  return {{"id", id}, {"object", "model"}, {"created", 0}, {"owned_by", owner}};
}

void answer_models(Core& core, const ReplyContext& context, relay::ClientWriter& client) {
  bj::array models;
  for (const auto& model : known_models(core)) {
    auto object = model_object(model.id, model.provider);
    if (!model.state.empty()) object.emplace("state", model.state);
    models.push_back(std::move(object));
  }
  const bj::object list = {{"object", "list"}, {"data", std::move(models)}};
  reply_document(client, context, 200, json_type, bj::serialize(list));
}

// Any name that a request could be routed by is a model here, as it would be in a request.
void answer_model(Core& core, std::string_view id, const ReplyContext& context, relay::ClientWriter& client) {
  const auto route = core.settings->router.route(id);
  if (!route) {
    reply_problem(client, context, http::make_problem(404, route.error().text, "model"));
    return;
  }
  reply_document(client, context, 200, json_type,
                 bj::serialize(model_object(id, route->candidates[0].provider->name)));
}

void method_not_allowed(const http::RequestHead& head, std::string_view allow, const ReplyContext& context,
                        relay::ClientWriter& client) {
  auto problem =
      http::make_problem(405, std::string(head.path) + " does not take " + std::string(head.method) +
                                  "; it takes " + std::string(allow) + ".");
  problem.allow = allow;
  reply_problem(client, context, problem);
}

// The pages of the web UI, straight out of the program's memory.
void answer_ui(const http::RequestHead& head, const ReplyContext& context, relay::ClientWriter& client) {
  const auto answer = ui::answer_page(
      {head.path, head.headers.value("accept-encoding"), head.headers.value("if-none-match")});
  std::string text;
  http::HeadWriter writer(text);
  writer.status(answer.status);
  const auto field = [&writer](std::string_view name, std::string_view value) {
    if (!value.empty()) writer.field(name, value);
  };
  field("Content-Type", answer.media_type);
  field("Content-Encoding", answer.coding);
  field("Location", answer.location);
  field("Cache-Control", answer.caching);
  field("ETag", answer.etag);
  if (answer.varies) writer.field("Vary", "Accept-Encoding");
  for (const auto& [name, value] : ui::page_security_fields())
    writer.field(name, value);
  if (answer.status != 304) writer.field("Content-Length", answer.body.size());
  field("X-Request-ID", context.request_id);
  if (!context.keep_alive) writer.field("Connection", "close");
  writer.end();
  client.begin(std::move(text), answer.status, relay::Framing::length);
  if (context.head_only || answer.body.empty()) return client.end();
  client.end({&answer.body, 1});
}

}  // namespace

base::Task<void> prepare_plain_route(Core& core, const http::RequestHead& head, deadline::Watch& watch) {
  if (head.path != models_path || !head.is("GET")) co_return;
  deadline::Limits limits;
  limits[deadline::Phase::total] = {ModelCatalog::fetch_limit, {}};
  watch.begin(limits);
  watch.start(deadline::Phase::total);
  co_await core.models.refresh(watch);
}

void answer_plain_route(Core& core, const http::RequestHead& head, const ReplyContext& context,
                        relay::ClientWriter& client) {
  const std::string_view path = head.path;
  const bool is_model = path.starts_with(models_path) && path.size() > models_path.size() + 1 &&
                        path[models_path.size()] == '/';
  const bool known = path == "/health" || path == "/ready" || path == "/metrics" || path == models_path ||
                     is_model || ui::owns(path);
  if (api::operation_at(path)) return method_not_allowed(head, "POST", context, client);
  if (!known) {
    reply_problem(client, context,
                  http::make_problem(404, "There is nothing at " + std::string(path) +
                                              ". The API is at /v1/chat/completions, /v1/completions, "
                                              "/v1/embeddings, /v1/rerank, /v1/messages and /v1/models."));
    return;
  }
  if (!head.is("GET") && !head.is("HEAD")) return method_not_allowed(head, "GET, HEAD", context, client);
  if (ui::owns(path)) return answer_ui(head, context, client);
  if (path == "/health") return reply_document(client, context, 200, json_type, R"({"status":"ok"})");
  if (path == "/metrics") {
    return reply_document(client, context, 200, "text/plain; version=0.0.4; charset=utf-8",
                          core.metrics_text());
  }
  if (path == models_path) return answer_models(core, context, client);
  if (is_model)
    return answer_model(core, base::percent_decoded(path.substr(models_path.size() + 1)), context, client);
  if (core.draining) {
    auto problem = http::make_problem(503, "The gateway is shutting down.");
    problem.retry_after_seconds = 1;
    return reply_problem(client, context, problem);
  }
  reply_document(client, context, 200, json_type,
                 core.ready_text ? core.ready_text() : R"({"status":"ready"})");
}

}  // namespace punctual::gateway
