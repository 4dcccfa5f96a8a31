// Reads a section whose every key may also be stored or an environment variable: a variable beats what is
// stored, and that beats the file.
//
// Every value is checked in any case, so that a mistake in one does not hide behind another.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/table_reader.hpp"

namespace punctual::config {

class SectionReader {
 public:
  // A key's variables are the prefixes with the key in capitals, the first that is set wins:
  // "PUNCTUAL_SERVER_" and "threads" make PUNCTUAL_SERVER_THREADS.
  SectionReader(TableReader table, std::vector<std::string_view> prefixes)
      : table_(std::move(table)), prefixes_(std::move(prefixes)) {}
  SectionReader(TableReader table, TableReader stored, std::vector<std::string_view> prefixes)
      : table_(std::move(table)), stored_(std::move(stored)), prefixes_(std::move(prefixes)) {}

  LoadContext& context() { return table_.context(); }

  // `alias` is one more variable, after those of the prefixes.
  template <class T>
  std::optional<Found<T>> read(std::string_view name, std::string_view alias = {}) {
    auto found = table_.read<T>(name);
    if (stored_) {
      if (auto stored = stored_->read<T>(name)) found = std::move(stored);
    }
    return under_variable(variable_of(name, alias), std::move(found));
  }

  // For what nothing stored may say: there it counts as an unknown key.
  template <class T>
  std::optional<Found<T>> read_unstored(std::string_view name) {
    return under_variable(variable_of(name, {}), table_.read<T>(name));
  }

  void finish() {
    table_.finish();
    if (stored_) stored_->finish();
  }

 private:
  struct Variable {
    std::string_view value;
    Place place;
  };
  std::optional<Variable> variable_of(std::string_view name, std::string_view alias);

  template <class T>
  std::optional<Found<T>> under_variable(const std::optional<Variable>& variable,
                                         std::optional<Found<T>> found) {
    if (!variable) return found;
    auto value = text_as<T>(variable->value);
    if (value) return Found<T>{std::move(*value), variable->place};
    context().report(variable->place, std::move(value.error()));
    return std::nullopt;
  }

  TableReader table_;
  std::optional<TableReader> stored_;
  std::vector<std::string_view> prefixes_;
};

}  // namespace punctual::config
