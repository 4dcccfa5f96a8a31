// The files around a SQLite database: the data folder, who may read them, and who runs on them.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>

#include "storage/error.hpp"

namespace punctual::storage {

// Held until its end, and given back by the kernel if the process ends before.
class FileLock {
 public:
  // `busy` if another process has it.
  static std::expected<FileLock, Error> take(const std::filesystem::path& folder);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// Makes the folder (0700) and an empty file in it (0600) where they are missing; takes the permissions of
// others away from a file that is there.
Outcome prepare_file(const std::filesystem::path& folder, const std::filesystem::path& file);

}  // namespace punctual::storage
