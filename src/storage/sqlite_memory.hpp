// How much memory SQLite may take on a thread: for statements that come from outside.
//
// A budget counts what SQLite allocates on its thread as long as it lives; what goes beyond fails with
// SQLITE_NOMEM, which SQLite takes well. Connections that are opened under a budget must be closed under it.
// One at a time on a thread; other threads are not counted and pay a look at a thread-local pointer.
#pragma once

#include <cstdint>

namespace punctual::storage {

// Before the first use of the library in the process; later calls do nothing.
void configure_sqlite();

class SqliteMemoryBudget {
 public:
  explicit SqliteMemoryBudget(std::int64_t bytes_max);
  ~SqliteMemoryBudget();
  SqliteMemoryBudget(const SqliteMemoryBudget&) = delete;
  SqliteMemoryBudget& operator=(const SqliteMemoryBudget&) = delete;

  // Counts; false if it would be too much.
  bool take(std::int64_t bytes);
  void give_back(std::int64_t bytes) { used_ -= bytes; }

 private:
  std::int64_t bytes_max_;
  std::int64_t used_ = 0;
};

}  // namespace punctual::storage
