#include "secrets/key_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "config/text_file.hpp"

namespace punctual::secrets {

namespace {

constexpr std::size_t file_bytes_max = 4096;

class Descriptor {
 public:
  explicit Descriptor(int opened) : number_(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_;
};

std::unexpected<Error> cannot(std::string_view what, const std::filesystem::path& path, int error) {
  return std::unexpected(Error{ErrorKind::unavailable,
                               fmt::format("{} {}: {}: make its folder one that this process may write to",
                                           what, path.string(), std::generic_category().message(error))});
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// The name of a file is on the disk when its folder is.
bool sync_folder(const std::filesystem::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened.is_open() && ::fsync(opened.number()) == 0;
}

bool write_key(int descriptor, const Key& key) {
  std::array<char, sodium_base64_ENCODED_LEN(Key::bytes, sodium_base64_VARIANT_ORIGINAL) + 1> line{};
  sodium_bin2base64(line.data(), line.size(), key.reveal().data(), Key::bytes,
                    sodium_base64_VARIANT_ORIGINAL);
  const auto length = std::string_view(line.data()).size();
  line[length] = '\n';
  const bool written = write_all(descriptor, {line.data(), length + 1}) && ::fsync(descriptor) == 0;
  sodium_memzero(line.data(), line.size());
  return written;
}

}  // namespace

std::expected<Key, Error> read_key_file(const std::filesystem::path& path) {
  if (::access(path.c_str(), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
    return std::unexpected(Error{ErrorKind::missing_key, fmt::format("there is no file {}", path.string())});
  auto text = config::read_text_file(path.string(), file_bytes_max, config::Privacy::owner_only);
  if (!text) {
    return std::unexpected(
        Error{ErrorKind::invalid_key, fmt::format("the master key file {} {}", path.string(), text.error())});
  }
  auto key = Key::parse(*text);
  sodium_memzero(text->data(), text->size());
  if (!key) {
    return std::unexpected(Error{key.error().kind, fmt::format("what the master key file {} holds {}",
                                                               path.string(), key.error().message)});
  }
  return key;
}

std::expected<bool, Error> create_key_file(const std::filesystem::path& path) {
  const auto key = Key::random();
  if (!key) return std::unexpected(key.error());
  // Written under another name first: a crash in between leaves no half of a key, and of two processes that
  // start at once, one wins.
  const auto unfinished = path.string() + fmt::format(".{:08x}", randombytes_random());
  const Descriptor file(
      ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return cannot("cannot create the master key file", path, errno);
  const bool written = write_key(file.number(), *key);
  const int write_error = errno;
  const bool linked = written && ::link(unfinished.c_str(), path.c_str()) == 0;
  const int link_error = errno;
  ::unlink(unfinished.c_str());
  if (!written) return cannot("cannot write the master key file", path, write_error);
  if (!linked && link_error == EEXIST) return false;
  if (!linked) return cannot("cannot create the master key file", path, link_error);
  const auto folder = path.parent_path();
  if (!sync_folder(folder.empty() ? "." : folder))
    return cannot("cannot bring to the disk the folder of the master key file", path, errno);
  return true;
}

}  // namespace punctual::secrets
