// What goes into a statement and what comes out of it. Plain values; any thread may read, none is shared.
//
// A column is named by its place, from zero. Asking a column for another type than it has is a mistake of
// ours (an assertion); the answer is then, as for NULL, 0 or empty. `optional_...` is for columns that may be
// NULL. Whatever the database calls an integer or a truth value is an integer here. Text is UTF-8 without
// NUL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace punctual::storage {

using Blob = std::vector<std::byte>;
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;

// A Value out of an optional: NULL when it has none.
template <class T>
Value optional_value(std::optional<T> value) {
  return value ? Value(std::move(*value)) : Value();
}

// `text` with everything that cannot be stored (NUL, invalid UTF-8) as U+FFFD: for text from outside.
std::string storable_text(std::string_view text);
bool is_storable_text(std::string_view text);

Blob blob_of(std::string_view bytes);
std::string_view bytes_of(const Blob& blob);

class Row {
 public:
  explicit Row(const Value* first, std::size_t size) : first_(first), size_(size) {}

  std::size_t size() const { return size_; }
  const Value& value(std::size_t column) const;
  bool is_null(std::size_t column) const;

  std::int64_t integer(std::size_t column) const;
  double real(std::size_t column) const;  // an integer is converted
  const std::string& text(std::size_t column) const;
  const Blob& blob(std::size_t column) const;

  std::optional<std::int64_t> optional_integer(std::size_t column) const;
  std::optional<double> optional_real(std::size_t column) const;
  std::optional<std::string> optional_text(std::size_t column) const;
  std::optional<Blob> optional_blob(std::size_t column) const;

 private:
  const Value* first_;
  std::size_t size_;
};

// Owns all rows of an answer; a Row is a view into it.
class Rows {
 public:
  class Iterator {
   public:
    Iterator(const Rows& rows, std::size_t index) : rows_(&rows), index_(index) {}
    Row operator*() const { return (*rows_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const Rows* rows_;
    std::size_t index_;
  };

  Rows() = default;
  Rows(std::size_t columns, std::vector<Value> values, std::int64_t changed)
      : columns_(columns), values_(std::move(values)), changed_(changed) {}

  std::size_t size() const { return columns_ == 0 ? 0 : values_.size() / columns_; }
  bool empty() const { return size() == 0; }
  Row operator[](std::size_t row) const { return Row(values_.data() + row * columns_, columns_); }
  Row front() const { return (*this)[0]; }
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

  // How many rows an INSERT, UPDATE or DELETE inserted, changed or deleted.
  std::int64_t changed() const { return changed_; }

 private:
  std::size_t columns_ = 0;
  std::vector<Value> values_;
  std::int64_t changed_ = 0;
};

}  // namespace punctual::storage
