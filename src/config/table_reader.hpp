// Reads the keys of one TOML table, and reports those that nobody asked for.
//
// What is absent is nothing; what has the wrong type is reported and then nothing. Ask for every key that
// exists, then `finish`. Lives no longer than the document and the context.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load_context.hpp"
#include "config/value_types.hpp"

namespace punctual::config {

class TableReader {
 public:
  // `path` is how errors call the table: "timeouts", "providers[0]", "" for the whole file.
  TableReader(LoadContext& context, const Table& table, std::string path, int line);

  // A table of what is stored; places in it are of that source.
  static TableReader stored(LoadContext& context, const Table& table, std::string path);

  LoadContext& context() { return context_; }
  bool is_stored() const { return kind_ == deadline::SourceKind::stored; }
  bool has(std::string_view name) const;
  bool is_empty_list(std::string_view name) const;

  // The text `name`, without asking for it: empty when it is absent or no text.
  std::string_view text(std::string_view name) const;

  // Where the value of `name` stands, or would stand.
  Place place_of(std::string_view name) const;
  void report(std::string_view name, std::string message) {
    context_.report(place_of(name), std::move(message));
  }

  template <class T>
  std::optional<Found<T>> read(std::string_view name) {
    const Member* member = asked(name);
    if (!member) return std::nullopt;
    auto value = value_as<T>(member->value);
    if (value) return Found<T>{std::move(*value), place_of(name)};
    report(name, std::move(value.error()));
    return std::nullopt;
  }

  // As `read`; reports when it is absent.
  template <class T>
  std::optional<Found<T>> require(std::string_view name) {
    if (!has(name)) report(name, "is missing");
    return read<T>(name);
  }

  // The table `name`; empty when it is absent or something else (then reported).
  TableReader table(std::string_view name);

  // The tables of the list `name`, [[name]]; empty when it is absent or something else (then reported).
  std::vector<TableReader> tables(std::string_view name);

  // Every member of this table, for tables whose keys are free. Nothing is unknown then.
  const Table& take_all();

  // Reports every key that was not asked for.
  void finish();

 private:
  TableReader inner(const Table& table, const Place& place) const;
  const Member* find(std::string_view name) const;
  const Member* asked(std::string_view name);

  LoadContext& context_;
  deadline::SourceKind kind_ = deadline::SourceKind::file;
  const Table* table_;
  std::string path_;
  int line_;
  std::vector<std::string_view> known_;
  bool all_known_ = false;
};

}  // namespace punctual::config
