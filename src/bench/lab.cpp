#include "bench/lab.hpp"

#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>

namespace punctual::bench {

std::expected<std::unique_ptr<Lab>, std::string> Lab::create() {
  auto tls = net::TlsContext::client("");
  if (!tls) return std::unexpected(tls.error());
  prctl(PR_SET_TIMERSLACK, 1UL);
  return std::unique_ptr<Lab>(new Lab(std::move(*tls)));
}

bool Lab::run_until(const std::function<bool()>& done, deadline::Duration limit) {
  const auto end = now() + limit;
  deadline::Timer timer([](void*) {}, nullptr);
  runtime().wheel().arm(timer, end);
  while (!done()) {
    if (now() >= end) return false;
    loop_.run_once();
  }
  return true;
}

void Lab::run_for(deadline::Duration duration) {
  run_until([] { return false; }, duration);
}

Ticker::Ticker(Lab& lab, deadline::Duration interval, std::function<void()> tick)
    : lab_(lab),
      interval_(interval),
      tick_(std::move(tick)),
      started_(lab.now()),
      descriptor_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  const timespec period{.tv_sec = interval.count() / 1'000'000'000,
                        .tv_nsec = interval.count() % 1'000'000'000};
  const itimerspec times{.it_interval = period, .it_value = period};
  timerfd_settime(descriptor_, 0, &times, nullptr);
  lab_.loop().watch(descriptor_, *this, net::Loop::stream_events);
}

Ticker::~Ticker() {
  lab_.loop().forget(descriptor_, *this);
  ::close(descriptor_);
}

void Ticker::on_events(std::uint32_t) {
  std::uint64_t expired = 0;
  [[maybe_unused]] const auto count = ::read(descriptor_, &expired, sizeof expired);
  const auto due = static_cast<std::uint64_t>((lab_.now() - started_) / interval_);
  if (due > ticked_ + behind_max) ticked_ = due - behind_max;
  while (ticked_ < due) {
    ++ticked_;
    tick_();
  }
}

}  // namespace punctual::bench
