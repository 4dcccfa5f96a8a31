// The connections of one loop: accepted up to a limit, ended in order when the process is to end. One thread
// only.
#pragma once

#include <functional>
#include <memory>

#include "base/intrusive_list.hpp"
#include "gateway/core.hpp"
#include "listener/connection.hpp"
#include "net/stream.hpp"

namespace punctual::listener {

class Listener final : public Connections, public gateway::InnerDoor {
 public:
  Listener(gateway::Core& core, std::size_t connections_max)
      : core_(core), connections_max_(connections_max), stop_(&Listener::stop_due, this) {
    core.inner_door = this;
  }

  // Serves the connection, or refuses it with 503 when there are too many.
  void accept(std::unique_ptr<net::Stream> stream);

  // Beyond the limit of connections, and while draining too: whoever asks bounds it.
  void accept_inner(std::unique_ptr<net::Stream> stream, std::string client) override;

  // Nothing new from here on: idle connections end now, running requests go on until `limit` at most (no
  // limit: until their own deadlines), then end with an error. `done` is called when no connection is left.
  void drain(std::optional<deadline::Duration> limit, std::function<void()> done);

  // Ends the requests that still run, each with an error that says so.
  void end_requests();

 private:
  static void stop_due(void* self);
  void ended(Connection& connection) override;
  void look_for_end();

  gateway::Core& core_;
  std::size_t connections_max_;
  std::size_t open_ = 0;
  base::IntrusiveList<Connection> connections_;
  deadline::Timer stop_;
  std::function<void()> done_;
};

}  // namespace punctual::listener
