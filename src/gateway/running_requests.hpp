// The requests that run on a core now, as values; and the way to end one of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/intrusive_list.hpp"
#include "deadline/clock.hpp"

namespace punctual::gateway {

class Core;

struct RunningRequest {
  std::string request_id;
  std::string endpoint;
  std::string model;
  std::string provider;     // of the present attempt; empty: none yet
  std::string local_model;  // whose engine it has or waits for; empty: none
  std::string client;
  std::string api_key;                               // its id; empty: none
  std::string phase;                                 // "queue", "route", "connect", "first_token", "answer"
  std::optional<std::uint32_t> queue_place;          // how many are before it, while it waits for a slot
  std::optional<deadline::Duration> queue_forecast;  // how long it will wait, as the queue moved last
  bool stream = false;
  deadline::WallTime started{};
  deadline::Duration elapsed{};
  std::string next_limit;  // the phase whose limit comes first; empty: none runs
  std::optional<deadline::Duration> remaining;
  std::optional<deadline::Duration> total_remaining;
  std::uint64_t attempts = 0;
  std::uint64_t content_events = 0;
  std::uint64_t bytes_out = 0;
};

// What a core knows of each of its requests while they run. In its core's list as long as it lives.
class RunningEntry : public base::ListNode<RunningEntry> {
 public:
  virtual RunningRequest describe() const = 0;
  virtual std::string_view id() const = 0;
  // Ends it, by an operator's wish.
  virtual void cancel() = 0;

 protected:
  ~RunningEntry() = default;
};

// On the core's thread.
std::vector<RunningRequest> running_requests(Core& core);

// Ends the request, as the record will say, by an operator. False when it does not run here.
bool cancel_request(Core& core, std::string_view request_id);

}  // namespace punctual::gateway
