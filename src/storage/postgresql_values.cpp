#include "storage/postgresql_values.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace punctual::storage {

namespace {

// pg_type.dat, fixed for ever.
constexpr Oid type_bool = 16;
constexpr Oid type_bytea = 17;
constexpr Oid type_int8 = 20;
constexpr Oid type_int2 = 21;
constexpr Oid type_int4 = 23;
constexpr Oid type_text = 25;
constexpr Oid type_oid = 26;
constexpr Oid type_float4 = 700;
constexpr Oid type_float8 = 701;
constexpr Oid type_numeric = 1700;

template <class T>
bool read_number(std::string_view text, T& number) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size();
}

std::uint8_t digit(char c) {
  return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10);
}

// "\x0aff"
Blob blob_from(std::string_view text) {
  Blob blob;
  blob.reserve(text.size() / 2);
  for (std::size_t at = 2; at + 1 < text.size(); at += 2)
    blob.push_back(static_cast<std::byte>(digit(text[at]) << 4 | digit(text[at + 1])));
  return blob;
}

Value number_from(std::string_view text) {
  std::int64_t integer = 0;
  if (read_number(text, integer)) return integer;
  double real = 0;
  read_number(text, real);
  return real;
}

Value value_from(Oid type, std::string_view text) {
  switch (type) {
    case type_bool:
      return std::int64_t{text == "t"};
    case type_int2:
    case type_int4:
    case type_int8:
    case type_oid:
    case type_numeric:
      return number_from(text);
    case type_float4:
    case type_float8: {
      double real = 0;
      read_number(text, real);
      return real;
    }
    case type_bytea:
      return blob_from(text);
    default:
      return std::string(text);
  }
}

}  // namespace

Oid postgresql_type(const Value& value) {
  if (std::holds_alternative<std::int64_t>(value)) return type_int8;
  if (std::holds_alternative<double>(value)) return type_float8;
  if (std::holds_alternative<std::string>(value)) return type_text;
  return std::holds_alternative<Blob>(value) ? type_bytea : 0;
}

void PostgresqlParameters::set(std::span<const Value> values) {
  texts_.assign(values.size(), nullptr);
  lengths_.assign(values.size(), 0);
  formats_.assign(values.size(), 0);
  numbers_.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto& number = numbers_[i];
    std::visit(
        [&](const auto& held) {
          using T = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<T, std::string>) {
            texts_[i] = held.c_str();
          } else if constexpr (std::is_same_v<T, Blob>) {
            texts_[i] = held.empty() ? "" : reinterpret_cast<const char*>(held.data());
            lengths_[i] = static_cast<int>(held.size());
            formats_[i] = 1;
          } else if constexpr (!std::is_same_v<T, std::monostate>) {
            *fmt::format_to_n(number.data(), number.size() - 1, "{}", held).out = '\0';
            texts_[i] = number.data();
          }
        },
        values[i]);
  }
}

Rows rows_of(const PGresult* result) {
  const int columns = PQnfields(result);
  const int rows = PQntuples(result);
  std::vector<Value> values;
  values.reserve(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows));
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result, row, column) != 0) {
        values.emplace_back();
        continue;
      }
      const auto length = static_cast<std::size_t>(PQgetlength(result, row, column));
      values.push_back(value_from(PQftype(result, column), {PQgetvalue(result, row, column), length}));
    }
  }
  return Rows(static_cast<std::size_t>(columns), std::move(values), changed_by(result));
}

std::int64_t changed_by(const PGresult* result) {
  auto* mutable_result = const_cast<PGresult*>(result);  // libpq asks for it and changes nothing
  if (std::string_view(PQcmdStatus(mutable_result)).starts_with("SELECT")) return 0;
  std::int64_t count = 0;
  read_number(PQcmdTuples(mutable_result), count);
  return count;
}

}  // namespace punctual::storage
