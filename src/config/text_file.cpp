#include "config/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace punctual::config {

namespace {

using Problem = std::unexpected<std::string>;

struct Descriptor {
  int number;
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

Problem problem_of(int error) {
  return Problem("cannot be read (" + std::generic_category().message(error) +
                 "): name a file that can be read");
}

std::string octal(mode_t mode) {
  std::string text = "0000";
  for (std::size_t i = 0; i < 4; ++i)
    text[3 - i] = static_cast<char>('0' + ((mode >> (3 * i)) & 7));
  return text;
}

}  // namespace

std::expected<std::string, std::string> read_text_file(const std::string& path, std::size_t bytes_max,
                                                       Privacy privacy) {
  // Not blocking, so that a pipe that somebody named here does not hang the start.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number < 0) return problem_of(errno);
  struct stat status{};
  if (::fstat(file.number, &status) != 0) return problem_of(errno);
  if (!S_ISREG(status.st_mode)) return Problem("is not a regular file: name one");
  if (privacy == Privacy::owner_only && (status.st_mode & 077) != 0) {
    return Problem("has mode " + octal(status.st_mode & 07777) + ", so that others can read it: chmod 0600");
  }
  std::string text(bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto count = ::read(file.number, text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return problem_of(errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > bytes_max)
    return Problem("is larger than " + std::to_string(bytes_max) + " bytes: name another");
  text.resize(size);
  return text;
}

}  // namespace punctual::config
