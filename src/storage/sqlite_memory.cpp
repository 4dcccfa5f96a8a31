#include "storage/sqlite_memory.hpp"

#include <sqlite3.h>

namespace punctual::storage {

namespace {

thread_local SqliteMemoryBudget* budget = nullptr;
sqlite3_mem_methods system_methods;  // of SQLite itself; written once, before any use

void* allocate(int bytes) {
  if (!budget) return system_methods.xMalloc(bytes);
  if (!budget->take(bytes)) return nullptr;
  void* const memory = system_methods.xMalloc(bytes);
  // What it really is, so that what is given back is the same number.
  budget->give_back(bytes);
  if (memory) budget->give_back(-std::int64_t{system_methods.xSize(memory)});
  return memory;
}

void release(void* memory) {
  if (budget && memory) budget->give_back(system_methods.xSize(memory));
  system_methods.xFree(memory);
}

void* reallocate(void* memory, int bytes) {
  if (!budget) return system_methods.xRealloc(memory, bytes);
  const std::int64_t before = memory ? system_methods.xSize(memory) : 0;
  if (!budget->take(bytes - before)) return nullptr;
  budget->give_back(bytes - before);
  void* const moved = system_methods.xRealloc(memory, bytes);
  if (moved) budget->give_back(before - system_methods.xSize(moved));
  return moved;
}

bool configure() {
  // It would count its memory under a lock at each allocation.
  bool good = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK;
  good = good && sqlite3_config(SQLITE_CONFIG_GETMALLOC, &system_methods) == SQLITE_OK;
  if (!good) return false;
  sqlite3_mem_methods own = system_methods;
  own.xMalloc = allocate;
  own.xFree = release;
  own.xRealloc = reallocate;
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &own) == SQLITE_OK;
}

}  // namespace

void configure_sqlite() {
  [[maybe_unused]] static const bool configured = configure();
}

SqliteMemoryBudget::SqliteMemoryBudget(std::int64_t bytes_max) : bytes_max_(bytes_max) {
  budget = this;
}

SqliteMemoryBudget::~SqliteMemoryBudget() {
  budget = nullptr;
}

bool SqliteMemoryBudget::take(std::int64_t bytes) {
  if (bytes > 0 && used_ + bytes > bytes_max_) return false;
  used_ += bytes;
  return true;
}

}  // namespace punctual::storage
