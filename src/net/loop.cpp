#include "net/loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>

namespace punctual::net {

namespace {

constexpr std::size_t events_max = 256;

}  // namespace

const std::uint32_t Loop::stream_events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
const std::uint32_t Loop::read_events = EPOLLIN;

Loop::Loop(const deadline::Clock& clock)
    : runtime_(clock),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      events_(events_max) {
  if (epoll_ < 0 || wake_ < 0) std::abort();
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
}

Loop::~Loop() {
  posted_.clear();
  ::close(wake_);
  ::close(epoll_);
}

bool Loop::watch(int descriptor, Pollable& pollable, std::uint32_t events) {
  epoll_event event{.events = events, .data = {.ptr = &pollable}};
  return epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Loop::forget(int descriptor, Pollable& pollable) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
  for (std::size_t i = event_next_; i < event_count_; ++i) {
    if (events_[i].data.ptr == &pollable) events_[i].events = 0;
  }
}

void Loop::run() {
  // Deadlines must not wait for the kernel's default slack of 50 us.
  prctl(PR_SET_TIMERSLACK, 1UL);
  while (!stopping_)
    run_once();
  stopping_ = false;
}

void Loop::run_once() {
  wait(runtime_.ready().empty());
  runtime_.wheel().advance(runtime_.now());
  runtime_.ready().run_round();
}

int Loop::poll(std::optional<deadline::Duration> timeout) {
  const int capacity = static_cast<int>(events_.size());
  if (has_fine_wait_) {
    timespec until{};
    if (timeout)
      until = {.tv_sec = timeout->count() / 1'000'000'000, .tv_nsec = timeout->count() % 1'000'000'000};
    const int count = epoll_pwait2(epoll_, events_.data(), capacity, timeout ? &until : nullptr, nullptr);
    // Kernels before 5.11, and sandboxes that do not know the call, say so in one of two ways.
    if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return count;
    has_fine_wait_ = false;
  }
  // Rounded up: waking too early would only spin until the time has come.
  constexpr auto timeout_max = std::chrono::milliseconds(std::chrono::hours(1));
  const auto milliseconds =
      timeout ? std::min(std::chrono::ceil<std::chrono::milliseconds>(*timeout), timeout_max).count() : -1;
  return epoll_wait(epoll_, events_.data(), capacity, static_cast<int>(milliseconds));
}

void Loop::wait(bool may_block) {
  std::optional<deadline::Duration> timeout;
  if (!may_block) {
    timeout = deadline::Duration::zero();
  } else if (const auto next = runtime_.wheel().next()) {
    timeout = std::max(*next - runtime_.now(), deadline::Duration::zero());
  }
  const int count = poll(timeout);
  event_count_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  for (event_next_ = 0; event_next_ < event_count_;) {
    const epoll_event event = events_[event_next_++];
    if (event.events == 0) continue;
    if (event.data.ptr == nullptr) {
      run_posted();
    } else {
      static_cast<Pollable*>(event.data.ptr)->on_events(event.events);
    }
  }
  event_count_ = event_next_ = 0;
}

void Loop::run_posted() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto drained = ::read(wake_, &count, sizeof count);
  std::vector<std::move_only_function<void()>> work;
  {
    const std::lock_guard lock(posted_mutex_);
    work.swap(posted_);
  }
  for (auto& item : work)
    item();
}

void Loop::post(std::move_only_function<void()> work) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(work));
    // The one before it has woken the loop, which takes all of them.
    if (posted_.size() > 1) return;
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void Loop::stop() {
  post([this] { stopping_ = true; });
}

}  // namespace punctual::net
