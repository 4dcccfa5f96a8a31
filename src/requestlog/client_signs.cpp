#include "requestlog/client_signs.hpp"

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "requestlog/statement.hpp"
#include "storage/store.hpp"

namespace punctual::requestlog {

namespace {

// Within a text each quote would have a backslash in front of it, so that `name` with its quotes is nowhere
// but where it is meant.
std::string_view value_behind(std::string_view document, std::string_view name) {
  const auto at = document.find(name);
  if (at == std::string_view::npos) return {};
  document.remove_prefix(at + name.size());
  return document.substr(0, document.find_first_of(",}"));
}

std::optional<double> number_behind(std::string_view document, std::string_view name) {
  const auto text = value_behind(document, name);
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_stream(std::string_view document) {
  return document.contains(R"("stream":true)");
}

void add(Announced::Said& said, std::optional<double> seconds, std::string_view header) {
  if (!seconds) return;
  ++said.seconds[*seconds];
  ++said.headers[std::string(header)];
}

void add(Announced& announced, std::string_view document) {
  ++announced.requests;
  auto header = value_behind(document, R"("client_waits_header":)");
  if (header.size() > 2) header = header.substr(1, header.size() - 2);
  add(announced.wait, number_behind(document, R"("client_waits_seconds":)"), header);
  add(announced.silence, number_behind(document, R"("client_waits_between_bytes_seconds":)"), header);
  constexpr std::string_view asked_for = "\"request ";
  const auto source = value_behind(document, R"("total_limit_source":)");
  if (source.starts_with(asked_for) && source.size() > asked_for.size()) {
    add(announced.limit, number_behind(document, R"("total_limit_seconds":)"),
        source.substr(asked_for.size(), source.size() - asked_for.size() - 1));
  }
}

}  // namespace

std::expected<std::vector<LeftRequest>, storage::Error> read_left(storage::Connection& connection,
                                                                  deadline::WallTime since) {
  Statement statement(
      "SELECT endpoint, started, duration_us, document FROM requests WHERE outcome = 'cancelled'"
      " AND endpoint <> '' AND started >= ");
  statement.value(storage::to_microseconds(since)).sql(" ORDER BY started DESC, id DESC LIMIT ");
  const auto rows = statement.value(hang_ups_read_max).run(connection);
  if (!rows) return std::unexpected(rows.error());
  std::vector<LeftRequest> left;
  left.reserve(rows->size());
  for (const auto row : *rows) {
    const std::string_view document = row.text(3);
    if (!document.contains(R"("ended_by":"client")") || document.contains(R"("inner":true)")) continue;
    left.push_back({row.text(0), is_stream(document), row.integer(1), row.integer(2)});
  }
  return left;
}

std::expected<std::vector<Announced>, storage::Error> read_announced(storage::Connection& connection,
                                                                     deadline::WallTime since) {
  Statement statement("SELECT endpoint, document FROM requests WHERE endpoint <> '' AND started >= ");
  statement.value(storage::to_microseconds(since)).sql(" ORDER BY started DESC, id DESC LIMIT ");
  const auto rows = statement.value(announced_read_max).run(connection);
  if (!rows) return std::unexpected(rows.error());
  std::map<std::pair<std::string, bool>, Announced> of;
  for (const auto row : *rows) {
    const std::string_view document = row.text(1);
    if (document.contains(R"("inner":true)")) continue;
    const bool stream = is_stream(document);
    auto& announced = of[{row.text(0), stream}];
    announced.endpoint = row.text(0);
    announced.stream = stream;
    add(announced, document);
  }
  std::vector<Announced> all;
  all.reserve(of.size());
  for (auto& [key, announced] : of)
    all.push_back(std::move(announced));
  return all;
}

}  // namespace punctual::requestlog
