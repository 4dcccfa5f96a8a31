#include "storage/sqlite_statement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <type_traits>

namespace punctual::storage {

namespace {

// From "$12": 12; from anything else 0.
std::size_t number_of(const char* name) {
  const std::string_view text = name ? name : "";
  std::size_t number = 0;
  if (text.size() < 2 || text[0] != '$') return 0;
  const auto [end, problem] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size() ? number : 0;
}

int bind_one(sqlite3_stmt* statement, int place, const Value& value) {
  return std::visit(
      [&](const auto& held) {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, std::int64_t>) {
          return sqlite3_bind_int64(statement, place, held);
        } else if constexpr (std::is_same_v<T, double>) {
          return sqlite3_bind_double(statement, place, held);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return sqlite3_bind_text64(statement, place, held.data(), held.size(), SQLITE_STATIC, SQLITE_UTF8);
        } else if constexpr (std::is_same_v<T, Blob>) {
          if (held.empty())
            return sqlite3_bind_zeroblob(statement, place, 0);  // a null pointer would be NULL
          return sqlite3_bind_blob64(statement, place, held.data(), held.size(), SQLITE_STATIC);
        } else {
          return sqlite3_bind_null(statement, place);
        }
      },
      value);
}

Value column_value(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement, column));
      return Blob(bytes, bytes + sqlite3_column_bytes(statement, column));
    }
    default:
      return {};
  }
}

}  // namespace

std::expected<SqliteStatement, Error> SqliteStatement::prepare(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* made = nullptr;
  const int code = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  SqliteStatement result(database, made);
  if (code != SQLITE_OK) return std::unexpected(sqlite_error(database, code));
  if (!made) return std::unexpected(Error{ErrorKind::internal, "there is no statement in the text", {}});
  const int count = sqlite3_bind_parameter_count(made);
  for (int place = 1; place <= count; ++place) {
    const std::size_t number = number_of(sqlite3_bind_parameter_name(made, place));
    if (number == 0) return std::unexpected(Error{ErrorKind::internal, "parameters are $1, $2, ...", {}});
    result.places_.push_back(number - 1);
    result.parameters_ = std::max(result.parameters_, number);
  }
  return result;
}

Outcome SqliteStatement::bind(std::span<const Value> parameters) {
  if (parameters.size() != parameters_) {
    return std::unexpected(
        Error{ErrorKind::internal,
              fmt::format("the statement has {} parameters, {} were given", parameters_, parameters.size()),
              {}});
  }
  for (std::size_t place = 0; place < places_.size(); ++place) {
    const int code = bind_one(handle_.get(), static_cast<int>(place + 1), parameters[places_[place]]);
    if (code != SQLITE_OK) return std::unexpected(sqlite_error(database_, code));
  }
  return {};
}

Outcome SqliteStatement::bind_some(std::size_t first, std::span<const Value> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const int code = bind_one(handle_.get(), static_cast<int>(first + i + 1), parameters[i]);
    if (code != SQLITE_OK) return std::unexpected(sqlite_error(database_, code));
  }
  return {};
}

Outcome SqliteStatement::run(std::vector<Value>* out) {
  const int columns = sqlite3_column_count(handle_.get());
  for (;;) {
    const int code = sqlite3_step(handle_.get());
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) return std::unexpected(sqlite_error(database_, code));
    for (int column = 0; out && column < columns; ++column)
      out->push_back(column_value(handle_.get(), column));
  }
}

void SqliteStatement::reset() {
  sqlite3_reset(handle_.get());
  sqlite3_clear_bindings(handle_.get());
}

std::size_t SqliteStatement::columns() const {
  return static_cast<std::size_t>(sqlite3_column_count(handle_.get()));
}

std::expected<SqliteStatement*, Error> SqliteStatements::get(std::string_view sql) {
  if (const auto found = by_sql_.find(sql); found != by_sql_.end()) {
    latest_.splice(latest_.begin(), latest_, found->second);
    return &latest_.front().statement;
  }
  auto statement = SqliteStatement::prepare(database_, sql);
  if (!statement) return std::unexpected(std::move(statement.error()));
  latest_.push_front({std::string(sql), std::move(*statement)});
  by_sql_.emplace(latest_.front().sql, latest_.begin());
  if (latest_.size() > kept_max_) {
    by_sql_.erase(latest_.back().sql);
    latest_.pop_back();
  }
  return &latest_.front().statement;
}

void SqliteStatements::clear() {
  by_sql_.clear();
  latest_.clear();
}

}  // namespace punctual::storage
