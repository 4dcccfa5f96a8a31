#include "storage/sqlite_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

namespace punctual::storage {

namespace {

std::unexpected<Error> problem(std::string_view doing, const std::filesystem::path& path, int number) {
  const bool full = number == ENOSPC || number == EDQUOT;
  const bool refused = number == EACCES || number == EPERM || number == EROFS;
  const ErrorKind kind = full ? ErrorKind::full : refused ? ErrorKind::refused : ErrorKind::unavailable;
  return std::unexpected(
      Error{kind,
            fmt::format("cannot {} {}: {}", doing, path.string(), std::generic_category().message(number)),
            {}});
}

// The process that wrote its number into the file.
std::string holder_of(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(descriptor, text.data(), text.size() - 1, 0);
  std::string_view number(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  number = number.substr(0, number.find_first_not_of("0123456789"));
  return number.empty() ? std::string() : fmt::format(" (process {})", number);
}

}  // namespace

std::expected<FileLock, Error> FileLock::take(const std::filesystem::path& folder) {
  const auto path = folder / "punctual.lock";
  FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.descriptor_ < 0) return problem("open", path, errno);
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return problem("lock", path, errno);
    return std::unexpected(Error{ErrorKind::busy,
                                 fmt::format("another gateway{} is running with the data folder {}: stop it, "
                                             "or give this one a folder of its own",
                                             holder_of(lock.descriptor_), folder.string()),
                                 {}});
  }
  // For the message above only; without it the lock holds as well.
  const std::string number = fmt::format("{}\n", ::getpid());
  if (::ftruncate(lock.descriptor_, 0) == 0 &&
      ::pwrite(lock.descriptor_, number.data(), number.size(), 0) < 0) {
    return problem("write", path, errno);
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Outcome prepare_file(const std::filesystem::path& folder, const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) {
    if (folder.has_parent_path()) std::filesystem::create_directories(folder.parent_path(), error);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return problem("make", folder, errno);
  }
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return problem("open", file, errno);
  struct stat status{};
  if (::fstat(descriptor, &status) == 0 && (status.st_mode & 077) != 0) {
    (void)::fchmod(descriptor, status.st_mode & 0700);  // not ours to change: then it is the owner's decision
  }
  ::close(descriptor);
  return {};
}

}  // namespace punctual::storage
