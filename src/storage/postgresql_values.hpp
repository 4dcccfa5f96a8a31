// Values as PostgreSQL's protocol has them: parameters as text (blobs as bytes), results as text.
#pragma once

#include <libpq-fe.h>

#include <array>
#include <span>
#include <string>
#include <vector>

#include "storage/value.hpp"

namespace punctual::storage {

// The type of a parameter; 0, for NULL, lets the server find it out.
Oid postgresql_type(const Value& value);

// The arrays that libpq wants. Points into the values, which must stay; `set` may be called again.
class PostgresqlParameters {
 public:
  void set(std::span<const Value> values);
  int count() const { return static_cast<int>(texts_.size()); }
  const char* const* texts() const { return texts_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  std::vector<const char*> texts_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<std::array<char, 40>> numbers_;
};

Rows rows_of(const PGresult* result);
std::int64_t changed_by(const PGresult* result);

}  // namespace punctual::storage
