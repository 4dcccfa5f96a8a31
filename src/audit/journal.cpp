#include "audit/journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "telemetry/log.hpp"

namespace punctual::audit {

std::expected<std::unique_ptr<Journal>, std::string> Journal::open(const std::string& path) {
  int descriptor = -1;
  if (path == "-") {
    descriptor = ::dup(STDOUT_FILENO);
  } else if (path != "off") {
    descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (descriptor < 0)
      return std::unexpected("cannot write the request log " + path + ": " + std::strerror(errno));
  }
  return std::unique_ptr<Journal>(new Journal(descriptor));
}

Journal::Journal(int descriptor)
    : descriptor_(descriptor), thread_([this](const std::stop_token& stop) { work(stop); }) {}

Journal::~Journal() {
  thread_.request_stop();
  thread_.join();
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool Journal::write(std::string lines) {
  if (!enabled()) return true;
  {
    const std::lock_guard lock(mutex_);
    if (queued_bytes_ + lines.size() > queued_bytes_max) return false;
    queued_bytes_ += lines.size();
    queued_.push_back(std::move(lines));
  }
  changed_.notify_one();
  return true;
}

void Journal::work(const std::stop_token& stop) {
  std::vector<std::string> lines;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [this] { return !queued_.empty(); });
      if (queued_.empty()) return;
      lines.swap(queued_);
      queued_bytes_ = 0;
    }
    for (const auto& batch : lines)
      write_out(batch);
    lines.clear();
  }
}

void Journal::write_out(const std::string& lines) {
  std::size_t done = 0;
  while (done < lines.size()) {
    const ssize_t count = ::write(descriptor_, lines.data() + done, lines.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      if (!std::exchange(write_failed_, true)) {
        telemetry::log_error(std::string("the request log cannot be written: ") + std::strerror(errno));
      }
      return;
    }
    done += static_cast<std::size_t>(count);
  }
  write_failed_ = false;
}

// NOLINTBEGIN(performance-unnecessary-value-param): those that store them take them over.
bool Journal::write_texts(std::string_view, std::string, std::string) {
  return false;
}
// NOLINTEND(performance-unnecessary-value-param)

}  // namespace punctual::audit
