// Live events as server-sent events: requests as they are stored, changes as they are made, what runs, and
// the local models.
//
//   id: r120.c8        event: request   data: an entry of the log
//   id: r120.c9        event: change    data: {"id", "at", "actor", "action", "subject"}
//   (no id)            event: running   data: {"requests": [...]}, once a second, when there is any, and
//   within
//                                       250 ms when somebody moves up in a queue
//   (no id)            event: pool      data: as GET /api/pool, and "whole"; first of all models, then of
//   those that
//                                       have changed, every 250 ms at most
//
// With `Last-Event-ID` a reader goes on where it was, without a gap, also after a restart of the gateway:
// events are read from the database by their ids. A comment every 15 seconds keeps proxies awake. A stream
// ends within seconds of its reader's session.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "control/context.hpp"
#include "control/pool_changes.hpp"
#include "gateway/management.hpp"
#include "requestlog/filter.hpp"

namespace punctual::control {

class EventStream final : public gateway::ManagementStream {
 public:
  using Allowed = std::function<bool(storage::Connection&)>;

  // `last_event_id` empty: from now on. `allowed` is asked now and then whether the reader still may.
  // Services must outlive it.
  static std::expected<std::shared_ptr<EventStream>, storage::Error> open(Services& services,
                                                                          requestlog::Filter filter,
                                                                          std::string_view last_event_id,
                                                                          Allowed allowed);

  State next(std::string& out, deadline::Instant until) override;
  bool ready() const override;

 private:
  EventStream(Services& services, std::unique_ptr<storage::Connection> connection, requestlog::Filter filter,
              Allowed allowed);
  bool append_requests(std::string& out);
  bool append_changes(std::string& out);
  void append_running(std::string& out, deadline::Instant until);
  void append_pool(std::string& out, deadline::Instant until);
  std::string id() const;

  Services& services_;
  std::unique_ptr<storage::Connection> connection_;
  requestlog::Filter filter_;
  Allowed allowed_;
  deadline::Instant checked_at_{};
  std::int64_t request_ = 0;
  std::int64_t change_ = 0;
  std::uint64_t requests_seen_ = 0;  // the sequences at the last look
  std::uint64_t changes_seen_ = 0;
  std::uint64_t queue_moves_seen_ = 0;
  deadline::Instant read_at_{};  // from the database
  deadline::Instant written_at_{};
  deadline::Instant running_at_{};
  deadline::Instant pool_at_{};
  PoolChanges pool_changes_;
  bool told_running_ = false;
  bool more_ = true;
};

}  // namespace punctual::control
