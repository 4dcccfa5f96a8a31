#include "requestlog/statement.hpp"

namespace punctual::requestlog {

namespace {

// A pattern of LIKE for a text anywhere; "!" is the escape, which both databases take as it is.
std::string anywhere(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '!') pattern.push_back('!');
    pattern.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  pattern.push_back('%');
  return pattern;
}

}  // namespace

Statement& Statement::value(storage::Value value) {
  parameters_.push_back(std::move(value));
  sql_.append("$").append(std::to_string(parameters_.size()));
  return *this;
}

void Statement::one_of(std::string_view column, const std::vector<std::string>& values) {
  if (values.empty()) return;
  sql(" AND ").sql(column).sql(" IN (");
  for (std::size_t i = 0; i < values.size(); ++i)
    sql(i ? ", " : "").value(values[i]);
  sql(")");
}

void Statement::one_status(const std::vector<StatusRange>& statuses) {
  if (statuses.empty()) return;
  sql(" AND (");
  for (std::size_t i = 0; i < statuses.size(); ++i)
    sql(i ? " OR " : "").sql("status BETWEEN ").value(statuses[i].first).sql(" AND ").value(statuses[i].last);
  sql(")");
}

void Statement::one_search(const std::vector<std::string>& searches) {
  if (searches.empty()) return;
  sql(" AND (");
  for (std::size_t i = 0; i < searches.size(); ++i) {
    sql(i ? " OR " : "").sql("request_id = ").value(searches[i]);
    sql(" OR lower(model) LIKE ").value(anywhere(searches[i])).sql(" ESCAPE '!'");
  }
  sql(")");
}

Statement& Statement::and_filter(const Filter& filter) {
  one_of("model", filter.models);
  one_of("endpoint", filter.endpoints);
  one_of("provider", filter.providers);
  one_of("rule", filter.rules);
  one_of("outcome", filter.outcomes);
  one_of("limit_phase", filter.limits);
  one_of("api_key", filter.keys);
  one_status(filter.statuses);
  one_search(filter.searches);
  if (filter.from) sql(" AND started >= ").value(*filter.from);
  if (filter.to) sql(" AND started < ").value(*filter.to);
  if (filter.slower_than_us) sql(" AND duration_us > ").value(*filter.slower_than_us);
  if (filter.faster_than_us) sql(" AND duration_us < ").value(*filter.faster_than_us);
  return *this;
}

}  // namespace punctual::requestlog
