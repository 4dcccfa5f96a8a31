#include "requestlog/facets.hpp"

#include <array>
#include <boost/json/array.hpp>

#include "requestlog/statement.hpp"

namespace punctual::requestlog {

namespace {

struct Column {
  Dimension dimension;
  std::string_view name;
  std::string_view expression;
};

constexpr std::array<Column, 6> columns = {{
    {Dimension::model, "model", "model"},
    {Dimension::endpoint, "endpoint", "endpoint"},
    {Dimension::provider, "provider", "provider"},
    {Dimension::outcome, "outcome", "outcome"},
    {Dimension::limit, "limit", "limit_phase"},
    {Dimension::status, "status", "status / 100"},
}};

std::string value_of(Dimension dimension, storage::Row row) {
  if (dimension == Dimension::status) {
    const auto status_class = row.integer(0);
    return status_class == 0 ? "0" : std::to_string(status_class) + "xx";
  }
  const auto& text = row.text(0);
  return dimension == Dimension::limit && text.empty() ? "none" : text;
}

std::expected<Facet, storage::Error> count(storage::Connection& connection, const Filter& filter,
                                           const Column& column) {
  Statement statement("SELECT ");
  statement.sql(column.expression).sql(" AS facet, COUNT(*) FROM requests WHERE TRUE");
  // What has no model or provider got nowhere; there is no value to choose for it.
  if (column.dimension != Dimension::limit && column.dimension != Dimension::status)
    statement.sql(" AND ").sql(column.expression).sql(" <> ''");
  statement.and_filter(filter.without(column.dimension));
  statement.sql(" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ");
  statement.value(static_cast<std::int64_t>(facet_values_max + 1));
  const auto rows = statement.run(connection);
  Facet facet{column.dimension, {}, false, true};
  if (!rows) {
    if (rows.error().kind != storage::ErrorKind::interrupted) return std::unexpected(rows.error());
    facet.complete = false;
    return facet;
  }
  for (const auto row : *rows) {
    if (facet.values.size() == facet_values_max) {
      facet.more_values = true;
      break;
    }
    facet.values.push_back({value_of(column.dimension, row), row.integer(1)});
  }
  return facet;
}

}  // namespace

std::string_view name_of(Dimension dimension) {
  for (const auto& column : columns)
    if (column.dimension == dimension) return column.name;
  return {};
}

std::expected<std::vector<Facet>, storage::Error> count_facets(storage::Connection& connection,
                                                               const Filter& filter,
                                                               deadline::Instant until) {
  std::vector<Facet> facets;
  connection.set_deadline(until);
  for (const auto& column : columns) {
    auto facet = count(connection, filter, column);
    if (!facet) {
      connection.set_deadline(std::nullopt);
      return std::unexpected(std::move(facet.error()));
    }
    facets.push_back(std::move(*facet));
  }
  connection.set_deadline(std::nullopt);
  return facets;
}

boost::json::object to_json(const std::vector<Facet>& facets) {
  boost::json::object object;
  for (const auto& facet : facets) {
    boost::json::array values;
    for (const auto& [value, number] : facet.values)
      values.push_back({{"value", value}, {"count", number}});
    object[name_of(facet.dimension)] = {
        {"values", std::move(values)}, {"more_values", facet.more_values}, {"complete", facet.complete}};
  }
  return object;
}

}  // namespace punctual::requestlog
