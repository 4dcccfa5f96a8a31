// The routing rules.
#include "settings/rules.hpp"

#include <array>

#include "control/answers.hpp"
#include "control/body.hpp"
#include "control/if_match.hpp"
#include "control/route.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;
using settings::Section;

Answer rules_answer(const Context& context) {
  const auto snapshot = context.services.settings.current();
  return versioned_answer(200, settings::rules_document(*snapshot),
                          snapshot->stored.version_of(Section::rules));
}

Answer rule_answer(const Context& context, int status, const std::string& id) {
  const auto snapshot = context.services.settings.current();
  const auto* rule = settings::rule_of_id(*snapshot, id);
  if (!rule) return problem_answer(context, {404, "There is no rule of the id " + id + "."});
  return versioned_answer(status, settings::rule_document(*rule),
                          snapshot->stored.version_of(Section::rules));
}

Answer get_rules(Context& context) {
  return rules_answer(context);
}

Answer get_rule(Context& context) {
  return rule_answer(context, 200, context.arguments[0]);
}

Answer post_rule(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  const auto id = settings::create_rule(context.services.settings, context.actor(), *if_match, context.body);
  if (!id) return problem_of(context, id.error());
  return rule_answer(context, 201, *id);
}

Answer put_rule(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  const auto changed = settings::replace_rule(context.services.settings, context.actor(), *if_match,
                                              context.arguments[0], context.body);
  if (!changed) return problem_of(context, changed.error());
  return rule_answer(context, 200, context.arguments[0]);
}

Answer delete_rule(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  const auto deleted =
      settings::delete_rule(context.services.settings, context.actor(), *if_match, context.arguments[0]);
  return deleted ? no_content() : problem_of(context, deleted.error());
}

Answer put_order(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  Body body(context.body);
  const auto ids = body.texts("ids");
  if (!context.body.contains("ids"))
    body.report("ids", "is missing: give the ids of all rules in their order");
  body.finish();
  if (!body.good() || !ids) return problem_of(context, body.error());
  const auto ordered = settings::order_rules(context.services.settings, context.actor(), *if_match, *ids);
  if (!ordered) return problem_of(context, ordered.error());
  return rules_answer(context);
}

Answer post_test(Context& context) {
  Body body(context.body);
  const std::string model = body.required_text("model");
  body.finish();
  if (!body.good()) return problem_of(context, body.error());
  return json_answer(200, settings::try_model(*context.services.settings.current(), model));
}

// "order" and "test" before {id}: the first that fits answers.
constexpr std::array<Route, 7> routes = {{
    {"GET", "/api/settings/rules", Needs::viewer, Lane::settings, get_rules},
    {"POST", "/api/settings/rules", Needs::administrator, Lane::settings, post_rule},
    {"PUT", "/api/settings/rules/order", Needs::administrator, Lane::settings, put_order},
    {"POST", "/api/settings/rules/test", Needs::viewer, Lane::settings, post_test},
    {"GET", "/api/settings/rules/{id}", Needs::viewer, Lane::settings, get_rule},
    {"PUT", "/api/settings/rules/{id}", Needs::administrator, Lane::settings, put_rule},
    {"DELETE", "/api/settings/rules/{id}", Needs::administrator, Lane::settings, delete_rule},
}};

}  // namespace

std::span<const Route> rule_routes() {
  return routes;
}

}  // namespace punctual::control
