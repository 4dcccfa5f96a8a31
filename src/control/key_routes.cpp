// The API keys of /v1.
#include <array>

#include "control/answers.hpp"
#include "control/body.hpp"
#include "control/route.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;

bj::value optional_time(const std::optional<std::int64_t>& time) {
  return time ? bj::value(time_text(*time)) : bj::value(nullptr);
}

template <class T>
bj::value optional_number(const std::optional<T>& number) {
  return number ? bj::value(*number) : bj::value(nullptr);
}

bj::object key_document(const access::ApiKey& key) {
  bj::array models;
  for (const auto& model : key.limits.models)
    models.push_back(bj::value(model));
  std::optional<double> seconds;
  if (key.limits.deadline_max) seconds = std::chrono::duration<double>(*key.limits.deadline_max).count();
  return {{"id", key.id},
          {"name", key.name},
          {"hint", key.hint},
          {"models", std::move(models)},
          {"requests_per_minute", optional_number(key.limits.requests_per_minute)},
          {"tokens_per_minute", optional_number(key.limits.tokens_per_minute)},
          {"deadline_seconds_max", optional_number(seconds)},
          {"created", time_text(key.created)},
          {"created_by", key.created_by},
          {"revoked", optional_time(key.revoked)},
          {"last_used", optional_time(key.last_used)}};
}

std::optional<std::uint64_t> rate_in(Body& body, std::string_view name) {
  const auto number = body.whole_number(name);
  if (!number) return std::nullopt;
  if (*number >= 1) return static_cast<std::uint64_t>(*number);
  body.report(name, "is " + std::to_string(*number) + ": give at least 1, or null for no limit");
  return std::nullopt;
}

// Over `limits`: what the body does not name stays, null takes a limit away.
access::ApiKeyLimits limits_in(Body& body, const bj::object& object, access::ApiKeyLimits limits) {
  if (object.contains("models")) limits.models = body.texts("models").value_or(std::vector<std::string>());
  if (object.contains("requests_per_minute"))
    limits.requests_per_minute = rate_in(body, "requests_per_minute");
  if (object.contains("tokens_per_minute")) limits.tokens_per_minute = rate_in(body, "tokens_per_minute");
  if (object.contains("deadline_seconds_max")) {
    limits.deadline_max.reset();
    const auto seconds = body.number("deadline_seconds_max");
    if (seconds && (*seconds < 0.01 || *seconds > 86400)) {
      body.report("deadline_seconds_max",
                  "is out of range: give 0.01 to 86400 seconds, or null for no limit");
    } else if (seconds) {
      limits.deadline_max = deadline::from_seconds(*seconds);
    }
  }
  return limits;
}

Answer get_keys(Context& context) {
  const auto keys = access::ApiKeys::list(context.reader);
  if (!keys) return problem_of(context, keys.error());
  bj::array list;
  for (const auto& key : *keys)
    list.push_back(key_document(key));
  return json_answer(200, {{"keys", std::move(list)}});
}

Answer post_key(Context& context) {
  Body body(context.body);
  const std::string name = body.required_text("name");
  const auto limits = limits_in(body, context.body, {});
  body.finish();
  if (!body.good()) return problem_of(context, body.error());
  const auto made = context.services.api_keys.create(context.call(), name, limits);
  if (!made) return problem_of(context, made.error());
  context.services.publish_api_keys();
  auto document = key_document(made->key);
  document["key"] = made->text.reveal();
  return json_answer(201, document);
}

Answer put_key(Context& context) {
  const auto before = access::ApiKeys::get(context.reader, context.arguments[0]);
  if (!before) return problem_of(context, before.error());
  Body body(context.body);
  access::ApiKeyChange change;
  const auto name = body.text("name");
  if (name) change.name = *name;
  change.limits = limits_in(body, context.body, before->limits);
  body.finish();
  if (!body.good()) return problem_of(context, body.error());
  const auto changed = context.services.api_keys.change(context.call(), context.arguments[0], change);
  if (!changed) return problem_of(context, changed.error());
  context.services.publish_api_keys();
  return json_answer(200, key_document(*changed));
}

Answer delete_key(Context& context) {
  const auto revoked = context.services.api_keys.revoke(context.call(), context.arguments[0]);
  if (!revoked) return problem_of(context, revoked.error());
  context.services.publish_api_keys();
  return no_content();
}

constexpr std::array<Route, 4> routes = {{
    {"GET", "/api/keys", Needs::administrator, Lane::access, get_keys},
    {"POST", "/api/keys", Needs::administrator, Lane::access, post_key},
    {"PUT", "/api/keys/{id}", Needs::administrator, Lane::access, put_key},
    {"DELETE", "/api/keys/{id}", Needs::administrator, Lane::access, delete_key},
}};

}  // namespace

std::span<const Route> key_routes() {
  return routes;
}

}  // namespace punctual::control
