// Hears the notifications of a PostgreSQL database, on a connection and a thread of its own.
//
// Whenever it has connected it tells of a resync first, since it has been deaf before. It looks every
// `look_every` whether the server is still there.
#pragma once

#include <string_view>
#include <thread>

#include "storage/backoff.hpp"
#include "storage/postgresql_link.hpp"
#include "storage/postgresql_target.hpp"
#include "storage/subscribers.hpp"

namespace punctual::storage {

// One channel of PostgreSQL for all of ours: the payload is "channel\npayload".
inline constexpr std::string_view notification_channel = "punctual";

class PostgresqlListener {
 public:
  static constexpr deadline::Duration look_every = std::chrono::seconds(10);
  static constexpr deadline::Duration answer_limit = std::chrono::seconds(5);

  PostgresqlListener(PostgresqlTarget target, Subscribers& subscribers);
  ~PostgresqlListener();
  PostgresqlListener(const PostgresqlListener&) = delete;
  PostgresqlListener& operator=(const PostgresqlListener&) = delete;

 private:
  void work(const std::stop_token& stop);
  std::unique_ptr<PostgresqlLink> connect();
  // Until the connection is lost or the listener ends.
  void listen(PostgresqlLink& link, const std::stop_token& stop);
  void tell(PostgresqlLink& link);

  PostgresqlTarget target_;
  Subscribers& subscribers_;
  Backoff backoff_;
  WakeEvent wake_;  // rings at the end, once
  std::jthread thread_;
};

}  // namespace punctual::storage
