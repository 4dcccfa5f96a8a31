#include "config/table_reader.hpp"

#include <algorithm>

#include "config/overlay.hpp"
#include "config/suggestion.hpp"

namespace punctual::config {

namespace {

const Table no_members;

}  // namespace

TableReader::TableReader(LoadContext& context, const Table& table, std::string path, int line)
    : context_(context), table_(&table), path_(std::move(path)), line_(line) {}

TableReader TableReader::stored(LoadContext& context, const Table& table, std::string path) {
  TableReader reader(context, table, std::move(path), 0);
  reader.kind_ = deadline::SourceKind::stored;
  return reader;
}

TableReader TableReader::inner(const Table& table, const Place& place) const {
  TableReader reader(context_, table, place.key, place.line);
  reader.kind_ = kind_;
  return reader;
}

const Member* TableReader::find(std::string_view name) const {
  const auto found = std::ranges::find(*table_, name, &Member::key);
  return found == table_->end() ? nullptr : &*found;
}

const Member* TableReader::asked(std::string_view name) {
  known_.push_back(name);
  return find(name);
}

bool TableReader::has(std::string_view name) const {
  return find(name) != nullptr;
}

bool TableReader::is_empty_list(std::string_view name) const {
  const Member* member = find(name);
  const auto* list = member ? std::get_if<List>(&member->value.data) : nullptr;
  return list && list->empty();
}

std::string_view TableReader::text(std::string_view name) const {
  const Member* member = find(name);
  const auto* text = member ? std::get_if<std::string>(&member->value.data) : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

Place TableReader::place_of(std::string_view name) const {
  const Member* member = find(name);
  const std::string key = path_.empty() ? std::string(name) : path_ + "." + std::string(name);
  return {is_stored() ? std::string(stored_file) : context_.file, member ? member->line : line_, key, kind_};
}

TableReader TableReader::table(std::string_view name) {
  const Place place = place_of(name);
  const Member* member = asked(name);
  if (!member) return inner(no_members, place);
  if (const auto* table = std::get_if<Table>(&member->value.data)) return inner(*table, place);
  report(name, "is " + std::string(kind_of(member->value)) + ": write a table");
  return inner(no_members, place);
}

std::vector<TableReader> TableReader::tables(std::string_view name) {
  const Member* member = asked(name);
  if (!member) return {};
  const std::string wanted = ": write a list of tables";
  const auto* list = std::get_if<List>(&member->value.data);
  if (!list) {
    report(name, "is " + std::string(kind_of(member->value)) + wanted);
    return {};
  }
  std::vector<TableReader> result;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Value& item = (*list)[i];
    Place place = place_of(name);
    place.key += "[" + std::to_string(i) + "]";
    place.line = item.line;
    if (const auto* table = std::get_if<Table>(&item.data)) {
      result.push_back(inner(*table, place));
    } else {
      context_.report(place, "is " + std::string(kind_of(item)) + wanted);
    }
  }
  return result;
}

const Table& TableReader::take_all() {
  all_known_ = true;
  return *table_;
}

void TableReader::finish() {
  if (all_known_) return;
  for (const Member& member : *table_) {
    if (std::ranges::find(known_, member.key) != known_.end()) continue;
    report(member.key, "is not a known key: " + suggestion(member.key, known_));
  }
}

}  // namespace punctual::config
