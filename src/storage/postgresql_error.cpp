#include <array>

#include "storage/postgresql_link.hpp"

namespace punctual::storage {

namespace {

struct Meaning {
  std::string_view state;  // or its beginning
  ErrorKind kind;
};

// https://www.postgresql.org/docs/15/errcodes-appendix.html; the exact states before their classes.
constexpr std::array<Meaning, 24> meanings = {{
    {"08P01", ErrorKind::internal},  {"57014", ErrorKind::interrupted}, {"55P03", ErrorKind::busy},
    {"40001", ErrorKind::busy},      {"40P01", ErrorKind::busy},        {"53300", ErrorKind::unavailable},
    {"22021", ErrorKind::refused},   {"22P05", ErrorKind::refused},     {"25006", ErrorKind::refused},
    {"42501", ErrorKind::refused},   {"3D000", ErrorKind::refused},     {"25P03", ErrorKind::unavailable},
    {"57P", ErrorKind::unavailable}, {"XX001", ErrorKind::corrupt},     {"XX002", ErrorKind::corrupt},
    {"08", ErrorKind::unavailable},  {"23", ErrorKind::constraint},     {"28", ErrorKind::refused},
    {"53", ErrorKind::full},         {"54", ErrorKind::refused},        {"58", ErrorKind::unavailable},
    {"0A", ErrorKind::internal},     {"22", ErrorKind::internal},       {"42", ErrorKind::internal},
}};

std::string_view field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? text : "";
}

ErrorKind kind_of(std::string_view state) {
  if (state.empty()) return ErrorKind::unavailable;  // libpq's own: the connection
  for (const Meaning& meaning : meanings) {
    if (state.starts_with(meaning.state)) return meaning.kind;
  }
  return ErrorKind::internal;
}

// "Key (section, name)=(a, b) already exists.": "settings.section, settings.name", in any language.
std::string columns_in(std::string_view detail, std::string_view table) {
  const auto open = detail.find('(');
  const auto close = detail.find(")=(");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  std::string_view names = detail.substr(open + 1, close - open - 1);
  std::string result;
  while (!names.empty()) {
    const auto comma = names.find(", ");
    if (!result.empty()) result += ", ";
    result.append(table).append(".").append(names.substr(0, comma));
    names = comma == std::string_view::npos ? std::string_view() : names.substr(comma + 2);
  }
  return result;
}

std::string constraint_in(const PGresult* result, std::string_view state) {
  const std::string_view table = field(result, PG_DIAG_TABLE_NAME);
  if (state == "23503") return "foreign key";
  if (state == "23502") return std::string(table) + "." + std::string(field(result, PG_DIAG_COLUMN_NAME));
  if (state == "23505") {
    auto columns = columns_in(field(result, PG_DIAG_MESSAGE_DETAIL), table);
    if (!columns.empty()) return columns;
  }
  return std::string(field(result, PG_DIAG_CONSTRAINT_NAME));
}

}  // namespace

Error postgresql_error(const PGresult* result, const PostgresqlTarget& target) {
  const std::string_view state = field(result, PG_DIAG_SQLSTATE);
  Error error;
  error.kind = kind_of(state);
  const std::string_view primary = field(result, PG_DIAG_MESSAGE_PRIMARY);
  error.message = target.masked(primary.empty() ? PQresultErrorMessage(result) : primary);
  if (error.kind == ErrorKind::constraint) error.constraint = constraint_in(result, state);
  return error;
}

}  // namespace punctual::storage
