// Where a PostgreSQL server is, out of its URL, and how people may be told of it: without the password.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/error.hpp"

namespace punctual::storage {

class PostgresqlTarget {
 public:
  // postgresql:// or postgres://, as libpq has it. The error does not repeat the URL.
  static std::expected<PostgresqlTarget, Error> parse(const std::string& url);

  // libpq's keywords and values as they are; those that are empty are left to libpq.
  static PostgresqlTarget of(std::vector<std::pair<std::string, std::string>> parameters);

  // libpq's keywords and values, with what we want where the URL says nothing.
  const std::vector<std::pair<std::string, std::string>>& parameters() const { return parameters_; }

  // "postgresql://user:***@host:5432/database".
  std::string description() const;
  // One line, every secret in it replaced by "***".
  std::string masked(std::string_view message) const;

 private:
  void add_wanted();
  std::string parameter(std::string_view name) const;
  std::vector<std::pair<std::string, std::string>> parameters_;
  std::vector<std::string> secrets_;
};

}  // namespace punctual::storage
