// An answer of the management side that is made on the loop of the connection that asked for it, as a
// coroutine beside the requests: nothing of it is pulled or waits on a thread, and the client's hang-up
// reaches it where it waits.
//
// Made on a management thread, run once on the loop's. Whoever answers begins the limits of the watch anew.
#pragma once

#include "base/task.hpp"
#include "deadline/watch.hpp"
#include "relay/client_writer.hpp"

namespace punctual::gateway {

class Core;

class LiveAnswer {
 public:
  virtual ~LiveAnswer() = default;

  // The head has been begun. Writes the content, not its end. False: it could not be made whole, and the
  // connection is to be aborted. Everything outlives it.
  virtual base::Task<bool> run(Core& core, deadline::Watch& watch, relay::ClientWriter& client) = 0;

  // Whether `run` begins the head itself, later: nothing has been sent then.
  virtual bool writes_head() const { return false; }

  // The time set with Watch::set_heartbeat has come; while it runs.
  virtual void heartbeat(deadline::Instant now) = 0;
};

}  // namespace punctual::gateway
