// SQL that is put together here, with its parameters beside it: a value from outside is only ever a
// parameter. A plain value; text handed to `sql` must be our own.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "requestlog/filter.hpp"
#include "storage/connection.hpp"
#include "storage/value.hpp"

namespace punctual::requestlog {

class Statement {
 public:
  explicit Statement(std::string_view sql) : sql_(sql) {}

  Statement& sql(std::string_view text) {
    sql_.append(text);
    return *this;
  }
  // Appends "$n".
  Statement& value(storage::Value value);

  // " AND ..." for each condition of the filter, behind a WHERE that has one already.
  Statement& and_filter(const Filter& filter);

  const std::string& text() const { return sql_; }
  std::expected<storage::Rows, storage::Error> run(storage::Connection& connection) const {
    return connection.execute(sql_, parameters_);
  }

 private:
  void one_of(std::string_view column, const std::vector<std::string>& values);
  void one_status(const std::vector<StatusRange>& statuses);
  void one_search(const std::vector<std::string>& searches);

  std::string sql_;
  std::vector<storage::Value> parameters_;
};

}  // namespace punctual::requestlog
