#include "sim/tool_script.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "json/splice.hpp"

namespace punctual::sim {

namespace {

using simdjson::dom::array;
using Round = std::vector<ScriptedCall>;

std::string_view text_of(const json::Element& in, const char* key) {
  std::string_view text;
  return in[key].get(text) ? std::string_view() : text;
}

std::string content_of(const json::Element& message) {
  array parts;
  if (message["content"].get(parts)) return std::string(text_of(message, "content"));
  std::string text;
  for (const auto part : parts)
    text.append(text_of(part, "text")).append("\n");
  return text;
}

// What has happened since the user spoke last.
struct Past {
  std::string asked;
  std::uint64_t rounds = 0;
  std::vector<std::string> last_results = {};
  std::vector<std::string> first_results = {};
};

Past past_of(const array& messages) {
  Past past;
  for (const auto message : messages) {
    const auto role = text_of(message, "role");
    array calls;
    if (role == "user") {
      past = {.asked = content_of(message)};
    } else if (role == "assistant" && !message["tool_calls"].get(calls) && calls.size() > 0) {
      ++past.rounds;
      past.last_results.clear();
    } else if (role == "tool") {
      past.last_results.push_back(content_of(message));
      if (past.rounds == 1) past.first_results.push_back(past.last_results.back());
    }
  }
  return past;
}

ScriptedCall query(std::string_view sql) {
  return {"query",
          R"({"sql":)" + json::quoted(base::trimmed(sql)) + R"(,"reason":"The simulation was told to."})"};
}

std::vector<Round> written_rounds(std::string_view text) {
  constexpr std::string_view fence = "```";
  std::vector<Round> rounds;
  std::string_view info;
  std::string block;
  bool inside = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(fence)) {
      if (inside) block.append(block.empty() ? "" : "\n").append(line);
      continue;
    }
    if (!inside) info = base::trimmed(line.substr(fence.size()));
    inside = !inside;
    if (inside) continue;
    const auto kind = base::take_item(info, ' ');
    const auto name = kind == "tool" ? base::take_item(info, ' ') : std::string_view();
    const bool also = base::trimmed(info) == "also" && !rounds.empty();
    if (kind == "sql" || kind == "tool") {
      auto call =
          kind == "sql" ? query(block) : ScriptedCall{std::string(name), std::string(base::trimmed(block))};
      if (!also) rounds.emplace_back();
      rounds.back().push_back(std::move(call));
    }
    block.clear();
  }
  return rounds;
}

struct Table {
  std::string name;      // for describe_table
  std::string sql_name;  // for SQL
};

std::string identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name)
    quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

// The first that list_tables has told of; nothing: there is none.
std::optional<Table> first_table(const std::vector<std::string>& results) {
  if (results.empty()) return std::nullopt;
  json::Reader reader;
  const auto result = reader.read_copy(results.front());
  if (!result) return std::nullopt;
  array columns;
  array first;
  if ((*result)["columns"].get(columns) || (*result)["rows"].at(0).get(first)) return std::nullopt;
  Table table;
  std::string schema;
  std::size_t place = 0;
  for (const auto column : columns) {
    std::string_view name;
    std::string_view value;
    if (!column.get(name) && !first.at(place).get(value)) {
      if (name == "schema") schema = value;
      if (name == "name" || name == "table" || name == "table_name") table.name = value;
    }
    ++place;
  }
  if (table.name.empty()) return std::nullopt;
  table.sql_name = identifier(table.name);
  if (!schema.empty()) {
    table.sql_name = identifier(schema) + "." + table.sql_name;
    table.name = schema + "." + table.name;
  }
  return table;
}

std::vector<Round> look_around(const Past& past) {
  std::vector<Round> rounds = {{{"list_tables", "{}"}}};
  const auto table = first_table(past.first_results);
  if (!table) return rounds;
  rounds.push_back({{"describe_table", R"({"table":)" + json::quoted(table->name) + "}"}});
  rounds.push_back({query("SELECT count(*) AS row_count FROM " + table->sql_name)});
  return rounds;
}

}  // namespace

Turn next_turn(const array& messages, std::uint64_t rounds) {
  const Past past = past_of(messages);
  auto written = written_rounds(past.asked);
  if (written.empty()) written = look_around(past);
  const std::uint64_t wanted = rounds > 0 ? rounds : written.size();
  Turn turn;
  if (past.rounds < wanted) {
    turn.calls = std::move(written[past.rounds % written.size()]);
    return turn;
  }
  for (const auto& result : past.last_results)
    turn.answer.append(turn.answer.empty() ? "" : "\n").append(result);
  return turn;
}

std::vector<std::string_view> cut_arguments(std::string_view arguments) {
  constexpr std::array<std::size_t, 6> sizes = {1, 7, 3, 9, 2, 5};
  std::vector<std::string_view> pieces;
  pieces.reserve(arguments.size() / sizes.size() + 1);
  for (std::size_t i = 0; !arguments.empty(); ++i) {
    std::size_t size = std::min(sizes[i % sizes.size()], arguments.size());
    while (size < arguments.size() && (static_cast<unsigned char>(arguments[size]) & 0xC0) == 0x80)
      ++size;
    pieces.push_back(arguments.substr(0, size));
    arguments.remove_prefix(size);
  }
  return pieces;
}

}  // namespace punctual::sim
