#include "probe/stall_answer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/core.hpp"
#include "http/head_writer.hpp"
#include "http/sse.hpp"
#include "net/wakeup.hpp"

namespace punctual::probe {

namespace {

// No upstream is bound while a stall goes on: its bits are free.
constexpr base::Signals::Mask time_to_look = deadline::bits::upstream_readable;
// How soon a stall notices that the process is about to end.
constexpr deadline::Duration look_interval = std::chrono::seconds(1);

}  // namespace

// `whole` when the time has come.
base::Task<StallState> StallAnswer::wait_until(gateway::Core& core, deadline::Watch& watch,
                                               deadline::Instant due) {
  net::Wakeup wakeup(core.runtime, watch.signals(), time_to_look);
  while (watch.now() < due) {
    wakeup.arm(std::min(due, watch.now() + look_interval));
    const auto raised = co_await watch.wait(time_to_look);
    wakeup.cancel();
    const auto interruption = watch.interrupted(raised);
    if (interruption == deadline::Interruption::stopped || core.draining) co_return StallState::stopped;
    if (interruption) co_return StallState::hung_up;
  }
  co_return StallState::whole;
}

void StallAnswer::write_due(relay::ClientWriter& client, deadline::Instant now) {
  if (kind_ == StallKind::trickle || written_ == 0) {
    std::string event;
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_).count();
    http::append_sse_event(event, {}, fmt::format(R"({{"event":{},"milliseconds":{}}})", written_, elapsed));
    client.write(event);
  } else {
    client.write(http::sse_heartbeat);
  }
  ++written_;
  if (kind_ == StallKind::trickle) next_write_ = now + trickle_interval;
  if (kind_ == StallKind::beating_stream) next_write_ = now + heartbeat_;
  if (kind_ == StallKind::silent_stream) next_write_.reset();
}

void StallAnswer::finish(relay::ClientWriter& client) {
  if (kind_ != StallKind::silent_answer) {
    std::string event;
    http::append_sse_event(event, {}, whole_document);
    client.write(event);
    return;
  }
  std::string head;
  http::HeadWriter writer(head);
  writer.status(200)
      .field("Content-Type", "application/json")
      .field("Content-Length", whole_document.size())
      .field("Cache-Control", "no-store")
      .field("Connection", "close");
  writer.end();
  client.begin(std::move(head), 200, relay::Framing::length);
  client.write(whole_document);
}

base::Task<bool> StallAnswer::run(gateway::Core& core, deadline::Watch& watch, relay::ClientWriter& client) {
  deadline::Limits limits;
  limits[deadline::Phase::drain] = core.settings->configuration->timeouts.drain;
  watch.begin(limits);
  began_ = watch.now();
  const auto end = began_ + duration_;
  if (kind_ != StallKind::silent_answer) next_write_ = began_;
  auto state = StallState::whole;
  while (state == StallState::whole && watch.now() < end) {
    if (next_write_ && watch.now() >= *next_write_) {
      write_due(client, watch.now());
      const bool drained = co_await client.drained(watch);
      if (!drained) state = StallState::blocked;
      continue;
    }
    const auto due = std::min(end, next_write_.value_or(end));
    const auto waited = co_await wait_until(core, watch, due);
    state = waited;
  }
  if (state == StallState::whole) finish(client);
  if (client.broken()) state = StallState::hung_up;
  place_.end(state);
  co_return state == StallState::whole;
}

}  // namespace punctual::probe
