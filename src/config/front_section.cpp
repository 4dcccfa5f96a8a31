#include <algorithm>
#include <utility>

#include "config/bounds.hpp"
#include "config/checks.hpp"
#include "config/seconds.hpp"
#include "config/sections.hpp"

namespace punctual::config {

namespace {

constexpr std::size_t fronts_max = 8;

const FrontKind* kind_from(LoadContext& context, const Found<std::string>& found) {
  const auto kind = std::ranges::find(front_kinds, found.value, &FrontKind::name);
  if (kind != front_kinds.end()) return &*kind;
  std::vector<std::string_view> names;
  names.reserve(front_kinds.size());
  for (const auto& known : front_kinds)
    names.push_back(known.name);
  context.report(found.place,
                 "is \"" + found.value + "\", which is not known: " + suggestion(found.value, names));
  return nullptr;
}

std::optional<deadline::Duration> usual(int seconds) {
  if (seconds == 0) return std::nullopt;
  return std::chrono::seconds(seconds);
}

// True when it is said, be it that there is none (0).
bool read_limit(TableReader& reader, std::string_view name, std::optional<deadline::Duration>& limit) {
  const auto seconds = reader.read<double>(name);
  if (!seconds) return false;
  const auto read = limit_from(reader.context(), *seconds, Zero::is_none);
  if (read) limit = read->duration;
  return read.has_value();
}

Front front_from(TableReader& reader) {
  LoadContext& context = reader.context();
  Front front;
  if (const auto kind = reader.require<std::string>("kind")) front.kind = kind_from(context, *kind);
  if (!front.kind) front.kind = &front_kinds.back();
  front.name = front.kind->title;
  if (auto name = reader.read<std::string>("name"); name && is_text(context, *name, name_bytes_max))
    front.name = std::move(name->value);
  front.idle = usual(front.kind->idle_seconds);
  front.total = usual(front.kind->total_seconds);
  front.declared_idle = read_limit(reader, "idle_seconds", front.idle);
  front.declared_total = read_limit(reader, "total_seconds", front.total);
  reader.finish();
  return front;
}

std::vector<Front> fronts_from(TableReader& reader, std::string_view name) {
  auto tables = reader.tables(name);
  if (tables.size() > fronts_max) {
    reader.report(
        name, "has " + std::to_string(tables.size()) + " layers: give at most " + std::to_string(fronts_max));
    return {};
  }
  std::vector<Front> fronts;
  fronts.reserve(tables.size());
  for (TableReader& table : tables)
    fronts.push_back(front_from(table));
  return fronts;
}

}  // namespace

void read_front(TableReader& root, const Overlay& overlay) {
  auto& configuration = root.context().configuration;
  configuration.fronts = fronts_from(root, "front");
  configuration.fronts_in_file = configuration.fronts.size();
  TableReader stored = TableReader::stored(root.context(), overlay.fronts, "");
  if (stored.has("fronts")) configuration.fronts = fronts_from(stored, "fronts");
  stored.finish();
}

}  // namespace punctual::config
