#include "settings/rules.hpp"

#include <algorithm>
#include <set>

#include "secrets/token.hpp"
#include "settings/timeouts.hpp"

namespace punctual::settings {

namespace {

namespace bj = boost::json;

constexpr std::size_t rules_max = 1000;
constexpr std::int64_t priority_step = 10;

void drop_answer_members(bj::object& body) {
  for (const auto* name : {"id", "origin", "in_file"})
    body.erase(name);
}

Error not_found(const std::string& id) {
  return {ErrorKind::not_found, "There is no rule of the id " + id + ".", {}};
}

// What the table of the file would hold.
bj::object plain_document(const config::Rule& rule) {
  bj::array targets;
  for (const auto& target : rule.targets) {
    bj::object object = {{"provider", target.provider}};
    if (!target.model.empty()) object["model"] = target.model;
    if (rule.balance != config::Balance::in_order) object["weight"] = target.weight;
    targets.push_back(std::move(object));
  }
  return {{"priority", rule.priority},
          {"match", config::name_of(rule.match)},
          {"pattern", rule.pattern},
          {"targets", std::move(targets)},
          {"timeouts", overrides_document(rule.timeouts)},
          {"balance", config::name_of(rule.balance)},
          {"retries_max", rule.retries_max},
          {"stream_upstream", rule.stream_upstream},
          {"enabled", rule.enabled}};
}

std::vector<const config::Rule*> in_order(const Snapshot& snapshot) {
  std::vector<const config::Rule*> rules;
  for (const auto& rule : snapshot.configuration->rules)
    rules.push_back(&rule);
  // They stand in one vector: of equal priorities, the lower address is the earlier.
  std::ranges::sort(rules, {}, [](const config::Rule* rule) { return std::pair(rule->priority, rule); });
  return rules;
}

std::int64_t priority_in(const bj::object& body) {
  const auto found = body.find("priority");
  return found != body.end() && found->value().is_int64() ? found->value().get_int64() : 0;
}

std::string pattern_in(const bj::object& body) {
  const auto found = body.find("pattern");
  return found != body.end() && found->value().is_string() ? std::string(found->value().get_string())
                                                           : std::string();
}

}  // namespace

const config::Rule* rule_of_id(const Snapshot& snapshot, std::string_view id) {
  for (const auto& rule : snapshot.configuration->rules) {
    if (rule.id == id) return &rule;
  }
  return nullptr;
}

bj::object rule_document(const config::Rule& rule) {
  bj::object document = plain_document(rule);
  document["id"] = rule.id;
  document["origin"] = config::name_of(rule.origin);
  document["in_file"] = rule.in_file;
  return document;
}

bj::object rules_document(const Snapshot& snapshot) {
  bj::array list;
  for (const auto* rule : in_order(snapshot))
    list.push_back(rule_document(*rule));
  return {{"rules", std::move(list)}, {"version", snapshot.stored.version_of(Section::rules)}};
}

Result<std::string> create_rule(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                                bj::object body) {
  drop_answer_members(body);
  const bool places_itself = body.contains("priority");
  std::string id = secrets::new_id("rule");
  const auto changed = service.change(
      Section::rules, actor, if_match, [&](Stored& stored, const Snapshot& current) -> Result<Note> {
        const auto rules = in_order(current);
        if (rules.size() >= rules_max) {
          return std::unexpected(Error{ErrorKind::conflict, "There are 1000 rules: delete one first.", {}});
        }
        if (!places_itself)
          body["priority"] = rules.empty() ? priority_step : rules.back()->priority + priority_step;
        stored.rules[id] = {priority_in(body), bj::serialize(body)};
        return Note{"create", "rule:" + pattern_in(body), {}, bj::serialize(body)};
      });
  if (!changed) return std::unexpected(changed.error());
  return id;
}

Result<void> replace_rule(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                          const std::string& id, bj::object body) {
  drop_answer_members(body);
  const auto changed = service.change(
      Section::rules, actor, if_match, [&](Stored& stored, const Snapshot& current) -> Result<Note> {
        const config::Rule* before = rule_of_id(current, id);
        if (!before) return std::unexpected(not_found(id));
        if (!body.contains("priority")) body["priority"] = before->priority;
        stored.rules[id] = {priority_in(body), bj::serialize(body)};
        return Note{"update", "rule:" + before->pattern, bj::serialize(plain_document(*before)),
                    bj::serialize(body)};
      });
  if (!changed) return std::unexpected(changed.error());
  return {};
}

Result<void> delete_rule(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                         const std::string& id) {
  const auto changed = service.change(
      Section::rules, actor, if_match, [&](Stored& stored, const Snapshot& current) -> Result<Note> {
        const config::Rule* before = rule_of_id(current, id);
        if (!before) return std::unexpected(not_found(id));
        if (before->origin != config::Origin::stored) {
          return std::unexpected(Error{ErrorKind::conflict,
                                       "The rule for \"" + before->pattern +
                                           "\" is in the configuration file: disable it here, or remove it "
                                           "from the file.",
                                       {}});
        }
        stored.rules.erase(id);
        return Note{"delete", "rule:" + before->pattern, bj::serialize(plain_document(*before)), {}};
      });
  if (!changed) return std::unexpected(changed.error());
  return {};
}

Result<void> order_rules(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                         const std::vector<std::string>& ids) {
  const auto changed = service.change(
      Section::rules, actor, if_match, [&](Stored& stored, const Snapshot& current) -> Result<Note> {
        const auto rules = in_order(current);
        const std::set<std::string> distinct(ids.begin(), ids.end());
        bool complete = distinct.size() == ids.size() && ids.size() == rules.size();
        for (const auto* rule : rules)
          complete = complete && distinct.contains(rule->id);
        if (!complete) {
          return std::unexpected(invalid_field(
              "ids", "does not name every rule once: read the rules again and send all of their ids"));
        }
        bj::array before;
        for (const auto* rule : rules)
          before.push_back(bj::value(rule->id));
        bj::array after;
        for (std::size_t i = 0; i < ids.size(); ++i) {
          auto document = plain_document(*rule_of_id(current, ids[i]));
          const std::int64_t priority = priority_step * static_cast<std::int64_t>(i + 1);
          after.push_back(bj::value(ids[i]));
          if (document["priority"].get_int64() == priority) continue;
          document["priority"] = priority;
          stored.rules[ids[i]] = {priority, bj::serialize(document)};
        }
        return Note{"order", "rules", bj::serialize(before), bj::serialize(after)};
      });
  if (!changed) return std::unexpected(changed.error());
  return {};
}

bj::object try_model(const Snapshot& snapshot, std::string_view model) {
  bj::object answer = {{"model", model}, {"rule", nullptr}};
  bj::array tried;
  const auto route = snapshot.router.route(model);
  for (const auto* rule : in_order(snapshot)) {
    const auto matcher = routing::Matcher::compile(rule->match, rule->pattern);
    const bool matches = matcher && matcher->matches(model);
    tried.push_back(bj::object{
        {"id", rule->id}, {"pattern", rule->pattern}, {"enabled", rule->enabled}, {"matches", matches}});
    if (route && route->rule == rule) break;
  }
  answer["tried"] = std::move(tried);
  bj::array targets;
  if (route) {
    if (route->rule) answer["rule"] = rule_document(*route->rule);
    for (const auto& candidate : route->candidates)
      targets.push_back(bj::object{{"provider", candidate.provider->name}, {"model", candidate.model}});
    answer["how"] = route->rule ? "rule" : "name";
  } else {
    answer["error"] = route.error().text;
  }
  answer["targets"] = std::move(targets);
  return answer;
}

}  // namespace punctual::settings
