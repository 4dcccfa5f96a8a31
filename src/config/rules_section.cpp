#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "config/bounds.hpp"
#include "config/checks.hpp"
#include "config/seconds.hpp"
#include "config/sections.hpp"

namespace punctual::config {

namespace {

constexpr std::array<std::pair<std::string_view, Match>, 4> matches = {
    {{"exact", Match::exact}, {"prefix", Match::prefix}, {"glob", Match::glob}, {"regex", Match::regex}}};

constexpr std::array<std::pair<std::string_view, Balance>, 3> balances = {
    {{"in_order", Balance::in_order},
     {"weighted", Balance::weighted},
     {"least_loaded", Balance::least_loaded}}};

constexpr std::int64_t weight_max = 1000;
constexpr std::int64_t retries_most = 10;

void check_provider(TableReader& reader, const Found<std::string>& name) {
  const auto& providers = reader.context().configuration.providers;
  std::vector<std::string_view> names;
  if (name.value == pool_provider) return;
  for (const Provider& provider : providers) {
    if (provider.name == name.value) return;
    names.push_back(provider.name);
  }
  reader.context().report(
      name.place, "is \"" + name.value + "\", which is no provider: " + suggestion(name.value, names));
}

void check_local_model(TableReader& reader, const Target& target) {
  const auto& configuration = reader.context().configuration;
  if (target.provider != pool_provider || configuration.model_named(target.model)) return;
  std::vector<std::string_view> names;
  names.reserve(configuration.models.size());
  for (const LocalModel& model : configuration.models)
    names.push_back(model.name);
  reader.report("model", target.model.empty() ? "is missing: a target of the pool names one of [[models]]"
                                              : "is \"" + target.model + "\", which is no local model: " +
                                                    suggestion(target.model, names));
}

Target target_from(TableReader& reader) {
  Target target;
  if (auto name = reader.require<std::string>("provider")) {
    check_provider(reader, *name);
    target.provider = std::move(name->value);
  }
  if (auto model = reader.read<std::string>("model");
      model && is_text(reader.context(), *model, model_bytes_max)) {
    target.model = std::move(model->value);
  }
  check_local_model(reader, target);
  if (const auto weight = reader.read<std::int64_t>("weight");
      weight && in_range(reader.context(), *weight, 0, weight_max)) {
    target.weight = static_cast<std::uint32_t>(weight->value);
  }
  reader.finish();
  return target;
}

void read_targets(TableReader& reader, Rule& rule) {
  const bool given = reader.has("targets");
  auto tables = reader.tables("targets");
  if (tables.size() > targets_max) {
    return reader.report("targets", "has " + std::to_string(tables.size()) + " targets: give at most " +
                                        std::to_string(targets_max));
  }
  for (TableReader& table : tables)
    rule.targets.push_back(target_from(table));
  if (!rule.targets.empty()) return;
  if (!given || reader.is_empty_list("targets")) {
    reader.report("targets", given ? "is empty: give at least one target, such as { provider = \"sim\" }"
                                   : "is missing: give at least one target, such as { provider = \"sim\" }");
  }
}

Rule rule_from(TableReader& reader) {
  LoadContext& context = reader.context();
  Rule rule;
  if (const auto priority = reader.require<std::int64_t>("priority")) rule.priority = priority->value;
  if (const auto match = reader.require<std::string>("match")) {
    if (const auto known = chosen(context, *match, matches)) rule.match = *known;
  }
  if (auto pattern = reader.require<std::string>("pattern");
      pattern && is_text(context, *pattern, pattern_bytes_max)) {
    rule.pattern = std::move(pattern->value);
  }
  read_targets(reader, rule);
  rule.timeouts = read_overrides(reader, deadline::SourceKind::rule, rule.pattern);
  if (const auto balance = reader.read<std::string>("balance")) {
    if (const auto known = chosen(context, *balance, balances)) rule.balance = *known;
  }
  if (const auto retries = reader.read<std::int64_t>("retries_max");
      retries && in_range(context, *retries, 0, retries_most)) {
    rule.retries_max = static_cast<std::uint32_t>(retries->value);
  }
  if (const auto stream = reader.read<bool>("stream_upstream")) rule.stream_upstream = stream->value;
  if (const auto enabled = reader.read<bool>("enabled")) rule.enabled = enabled->value;
  reader.finish();
  return rule;
}

}  // namespace

void read_rules(TableReader& root, const Overlay& overlay) {
  LoadContext& context = root.context();
  std::vector<Rule>& rules = context.configuration.rules;
  std::map<std::string, std::size_t> same;
  std::set<const StoredItem*> used;
  const auto add_stored = [&](const StoredItem& item) {
    TableReader stored = TableReader::stored(context, item.table, "rules[" + item.id + "]");
    rules.push_back(rule_from(stored));
    rules.back().id = item.id;
    rules.back().origin = Origin::stored;
  };
  for (TableReader& reader : root.tables("rules")) {
    const std::string_view match = reader.text("match");
    const std::string_view pattern = reader.text("pattern");
    std::string id = file_rule_id(match, pattern, same[std::string(match).append("\n").append(pattern)]++);
    const auto over = std::ranges::find(overlay.rules, id, &StoredItem::id);
    if (over != overlay.rules.end()) {
      used.insert(&*over);
      add_stored(*over);
    } else {
      rules.push_back(rule_from(reader));
      rules.back().id = std::move(id);
    }
    rules.back().in_file = true;
  }
  for (const StoredItem& item : overlay.rules) {
    if (!used.contains(&item)) add_stored(item);
  }
}

}  // namespace punctual::config
