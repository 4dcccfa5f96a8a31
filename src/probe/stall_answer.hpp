// One stall, as an answer of the gateway: silent to its end, on the loop of the connection that asked for it.
//
// One thread only.
#pragma once

#include <optional>

#include "gateway/live_answer.hpp"
#include "probe/book.hpp"
#include "probe/stall.hpp"

namespace punctual::probe {

class StallAnswer final : public gateway::LiveAnswer {
 public:
  // `heartbeat`: how often a beating stream is heard.
  StallAnswer(Book::Place place, const StallRequest& request, deadline::Duration heartbeat)
      : place_(std::move(place)), kind_(request.kind), duration_(request.duration), heartbeat_(heartbeat) {}

  bool writes_head() const override { return kind_ == StallKind::silent_answer; }
  base::Task<bool> run(gateway::Core& core, deadline::Watch& watch, relay::ClientWriter& client) override;
  void heartbeat(deadline::Instant) override {}

 private:
  base::Task<StallState> wait_until(gateway::Core& core, deadline::Watch& watch, deadline::Instant due);
  void write_due(relay::ClientWriter& client, deadline::Instant now);
  void finish(relay::ClientWriter& client);

  Book::Place place_;
  StallKind kind_;
  deadline::Duration duration_;
  deadline::Duration heartbeat_;
  deadline::Instant began_{};
  std::optional<deadline::Instant> next_write_;
  int written_ = 0;
};

}  // namespace punctual::probe
