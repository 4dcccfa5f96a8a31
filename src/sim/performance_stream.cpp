#include <algorithm>

#include "sim/performance.hpp"
#include "sim/words.hpp"

namespace punctual::sim {

namespace {

constexpr std::string_view comment = ": ping\n\n";

}  // namespace

base::Task<Outcome> Performance::give_stream(Script script) {
  write_head("text/event-stream", std::nullopt);
  noise_ = Noise::events;
  if (faults_now()) {
    auto work = fail(script);
    const auto outcome = co_await work;
    co_return outcome;
  }
  auto due = std::max(started_ + behaviour_.ttft, line_.runtime().now());
  const bool paced = behaviour_.itl > Behaviour::Duration::zero();
  for (const Section& section : script.sections) {
    if (given_ == 0) {
      auto silence = quiet_until(due, script);
      const bool open = co_await silence;
      if (!open) co_return Outcome::lost;
    }
    body_.add(section.opening);
    const std::size_t frame = section.before.size() + section.after.size();
    for (std::uint64_t i = 0; i < section.count; ++i) {
      if (given_ > 0 && paced) {
        due += behaviour_.itl;
        auto silence = quiet_until(due, script);
        const bool open = co_await silence;
        if (!open) co_return Outcome::lost;
      }
      const Word word(section.stem, i, section.from);
      const std::size_t size = frame + word.text().size();
      body_.add(section.before, word.text(), std::max<std::size_t>(script.event_bytes, size) - size,
                section.after);
      ++given_;
      if (faults_now()) {
        auto work = fail(script);
        const auto outcome = co_await work;
        co_return outcome;
      }
      if (body_.full()) {
        auto work = body_.send();
        const bool sent = co_await work;
        if (!sent) co_return Outcome::lost;
        co_await line_.breathe();
        if (!line_.look()) co_return Outcome::lost;
      }
    }
    body_.add(section.closing);
  }
  body_.add(script.closing);
  auto work = finish();
  const auto outcome = co_await work;
  co_return outcome;
}

base::Task<bool> Performance::quiet_until(deadline::Instant due, const Script& script) {
  if (due <= line_.runtime().now()) co_return true;
  auto work = body_.send();
  const bool begun = co_await work;
  if (!begun) co_return false;
  restart_noises();
  for (;;) {
    const auto next = std::min({due, comment_at_, empty_delta_at_, progress_at_});
    if (next > line_.runtime().now()) {
      auto pause = line_.until(next);
      const bool open = co_await pause;
      if (!open) co_return false;
    }
    if (due <= line_.runtime().now()) co_return true;
    make_noise(script);
    auto sent = body_.send();
    const bool open = co_await sent;
    if (!open) co_return false;
  }
}

void Performance::restart_noises() {
  if (noise_ == Noise::none) return;
  const auto now = line_.runtime().now();
  const auto start = [now](deadline::Instant& at, deadline::Duration period) {
    at = period > deadline::Duration::zero() ? now + period : deadline::Instant::max();
  };
  start(comment_at_, behaviour_.comment_every);
  if (noise_ == Noise::white_space) return;
  start(empty_delta_at_, behaviour_.empty_deltas_every);
  start(progress_at_, behaviour_.progress_every);
}

void Performance::make_noise(const Script& script) {
  const auto now = line_.runtime().now();
  if (comment_at_ <= now) {
    body_.add(noise_ == Noise::white_space ? " " : comment);
    comment_at_ = now + behaviour_.comment_every;
  }
  if (empty_delta_at_ <= now) {
    body_.add(script.empty_delta);
    empty_delta_at_ = now + behaviour_.empty_deltas_every;
  }
  if (progress_at_ <= now) {
    body_.add(script.progress_before, std::to_string(++progress_), 0, script.progress_after);
    progress_at_ = now + behaviour_.progress_every;
  }
}

}  // namespace punctual::sim
