#include "requestlog/waker.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "telemetry/log.hpp"

namespace punctual::requestlog {

Waker::Waker() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ >= 0) return;
  telemetry::log_error("no descriptor is left for the request log: raise the limit of open files");
  std::abort();
}

Waker::~Waker() {
  ::close(descriptor_);
}

void Waker::wake() noexcept {
  const std::uint64_t one = 1;
  // It fails only when the counter is full, and then the thread is awake.
  [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

void Waker::wait(std::optional<deadline::Duration> limit) noexcept {
  int milliseconds = -1;
  if (limit) {
    // Rounded up, so that nobody waits in circles for a rest of a millisecond.
    const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(*limit).count();
    milliseconds = static_cast<int>(std::clamp<std::int64_t>(rounded, 0, 3'600'000));
  }
  pollfd waiting{descriptor_, POLLIN, 0};
  if (::poll(&waiting, 1, milliseconds) <= 0) return;
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(descriptor_, &count, sizeof count);
}

}  // namespace punctual::requestlog
