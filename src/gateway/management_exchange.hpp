// One request to the management side, as the loop sees it: handed over, waited for, answered.
//
// Waits only through the connection's watch: a client that leaves, the end of the process and the limit of
// `answer_limit` end it. What is still under way behind the door then is thrown away when it arrives.
#pragma once

#include <string>

#include "base/task.hpp"
#include "deadline/watch.hpp"
#include "gateway/core.hpp"
#include "gateway/management.hpp"
#include "gateway/reply.hpp"
#include "http/head.hpp"

namespace punctual::gateway {

class ManagementExchange {
 public:
  static constexpr deadline::Duration answer_limit = std::chrono::seconds(30);
  // How often a stream that waits is asked whether it is ready.
  static constexpr deadline::Duration poll_interval = std::chrono::milliseconds(100);

  ManagementExchange(Core& core, deadline::Watch& watch, relay::ClientWriter& client,
                     const ReplyContext& context)
      : core_(core), watch_(watch), client_(client), context_(context) {}
  ManagementExchange(const ManagementExchange&) = delete;
  ManagementExchange& operator=(const ManagementExchange&) = delete;

  // `api_key`: that was shown, and is known; nullptr: none.
  base::Task<void> run(const http::RequestHead& head, std::string body, std::string_view peer, bool secure,
                       const admission::ApiKey* api_key = nullptr);

  void heartbeat(deadline::Instant now);

  // After `run`: the answer could not be made whole, or the client does not take it.
  bool abort() const { return abort_; }
  bool keep() const { return keep_; }

 private:
  template <class T>
  struct Slot;
  template <class T>
  base::Task<bool> arrival(std::shared_ptr<Slot<T>> slot);

  void begin_limit(deadline::Duration limit);
  base::Task<bool> send(const ManagementAnswer& answer);
  base::Task<void> send_stream(std::shared_ptr<ManagementStream> stream);
  base::Task<void> run_live(std::shared_ptr<LiveAnswer> live);
  base::Task<bool> pause();
  void refuse(int status, std::string message);

  Core& core_;
  deadline::Watch& watch_;
  relay::ClientWriter& client_;
  const ReplyContext& context_;
  bool abort_ = false;
  bool keep_ = true;
  LiveAnswer* live_ = nullptr;  // while it runs
};

}  // namespace punctual::gateway
