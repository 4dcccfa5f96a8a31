#include "queryaudit/rows.hpp"

namespace punctual::queryaudit {

namespace {

std::string text_in(const storage::Row& row, std::size_t column) {
  return row.optional_text(column).value_or(std::string());
}

std::int64_t number_in(const storage::Row& row, std::size_t column) {
  return row.optional_integer(column).value_or(0);
}

}  // namespace

Record record_of(const storage::Row& row) {
  Record record;
  record.id = row.integer(0);
  record.started = {row.integer(1), row.integer(2), row.text(3), row.text(4),  row.text(5),  row.text(6),
                    row.integer(7), row.text(8),    row.text(9), row.text(10), row.text(11), row.text(12)};
  record.hash = row.text(13);
  record.outcome = parse_outcome(row.text(14)).value_or(Outcome::running);
  record.end_link = number_in(row, 15);
  record.finished = {number_in(row, 16),      record.outcome,     number_in(row, 17), number_in(row, 18),
                     number_in(row, 19) != 0, number_in(row, 20), text_in(row, 21),   text_in(row, 22)};
  record.end_hash = text_in(row, 23);
  return record;
}

}  // namespace punctual::queryaudit
