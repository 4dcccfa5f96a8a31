// instr, replace and trim, so that a call takes a time that grows with its texts and not with their product.
#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "datasource/sqlite_guard.hpp"

namespace punctual::datasource {

namespace {

constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
constexpr std::size_t trimmed_bytes_max = 100;

std::string_view text_of(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return text ? std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)))
              : std::string_view();
}

std::string_view blob_of(sqlite3_value* value) {
  const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
  return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_value_bytes(value)))
               : std::string_view();
}

// glibc's memmem takes linear time; std::string_view::find does not.
std::size_t place_in(std::string_view text, std::string_view wanted, std::size_t from) {
  const auto rest = text.substr(from);
  const void* at = ::memmem(rest.data(), rest.size(), wanted.data(), wanted.size());
  if (!at) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

bool is_null(sqlite3_value* value) {
  return sqlite3_value_type(value) == SQLITE_NULL;
}

void instr(sqlite3_context* context, int, sqlite3_value** values) {
  if (is_null(values[0]) || is_null(values[1])) return;
  const bool blobs =
      sqlite3_value_type(values[0]) == SQLITE_BLOB && sqlite3_value_type(values[1]) == SQLITE_BLOB;
  const auto text = blobs ? blob_of(values[0]) : text_of(values[0]);
  const auto wanted = blobs ? blob_of(values[1]) : text_of(values[1]);
  if (wanted.empty()) return sqlite3_result_int(context, 1);
  const auto at = place_in(text, wanted, 0);
  if (at == std::string_view::npos) return sqlite3_result_int(context, 0);
  const auto before = text.substr(0, at);
  const auto characters = std::ranges::count_if(
      before, [blobs](char c) { return blobs || (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
  sqlite3_result_int64(context, characters + 1);
}

void replace(sqlite3_context* context, int, sqlite3_value** values) {
  if (is_null(values[0]) || is_null(values[1]) || is_null(values[2])) return;
  const auto text = text_of(values[0]);
  const auto wanted = text_of(values[1]);
  const auto instead = text_of(values[2]);
  if (wanted.empty()) return sqlite3_result_value(context, values[0]);
  std::string result;
  std::size_t from = 0;
  for (auto at = place_in(text, wanted, 0); at != std::string_view::npos; at = place_in(text, wanted, from)) {
    result.append(text.substr(from, at - from)).append(instead);
    from = at + wanted.size();
    if (result.size() > static_cast<std::size_t>(SqliteGuard::value_bytes_max))
      return sqlite3_result_error_toobig(context);
  }
  result.append(text.substr(from));
  sqlite3_result_text64(context, result.data(), result.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

// Lengths of the characters of `set`, one after the other.
std::size_t character_bytes(std::string_view text) {
  std::size_t bytes = 1;
  while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xc0U) == 0x80U)
    ++bytes;
  return bytes;
}

template <class Matches>
std::size_t matching(std::string_view set, Matches matches) {
  while (!set.empty()) {
    const auto character = set.substr(0, character_bytes(set));
    if (matches(character)) return character.size();
    set.remove_prefix(character.size());
  }
  return 0;
}

template <bool left, bool right>
void trim(sqlite3_context* context, int, sqlite3_value** values) {
  if (is_null(values[0]) || is_null(values[1])) return;
  auto text = text_of(values[0]);
  const auto set = text_of(values[1]);
  if (set.size() > trimmed_bytes_max)
    return sqlite3_result_error(context, "trim takes at most 100 bytes of characters to remove", -1);
  while (left && !text.empty()) {
    const auto bytes = matching(set, [&](auto character) { return text.starts_with(character); });
    if (bytes == 0) break;
    text.remove_prefix(bytes);
  }
  while (right && !text.empty()) {
    const auto bytes = matching(set, [&](auto character) { return text.ends_with(character); });
    if (bytes == 0) break;
    text.remove_suffix(bytes);
  }
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

struct Function {
  const char* name;
  int arguments;
  void (*run)(sqlite3_context*, int, sqlite3_value**);
};
constexpr std::array<Function, 5> replaced = {{
    {"instr", 2, instr},
    {"replace", 3, replace},
    {"trim", 2, trim<true, true>},
    {"ltrim", 2, trim<true, false>},
    {"rtrim", 2, trim<false, true>},
}};

}  // namespace

void replace_slow_functions(sqlite3* database) {
  for (const auto& [name, arguments, run] : replaced)
    sqlite3_create_function_v2(database, name, arguments, flags, nullptr, run, nullptr, nullptr, nullptr);
}

}  // namespace punctual::datasource
