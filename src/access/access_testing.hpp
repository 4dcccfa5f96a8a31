// What the tests of access/ share: a store of either kind, cheap hashing, a clock that stands still.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "access/log_in.hpp"
#include "access/sessions.hpp"
#include "access/set_up.hpp"
#include "access/users.hpp"
#include "changes/changes.hpp"
#include "storage/database_testing.hpp"

namespace punctual::access {

inline constexpr std::string_view good_password = "correct horse";

// The wall clock of a ManualClock that starts in our century.
class TestClock final : public deadline::Clock {
 public:
  deadline::Instant now() const override { return manual.now(); }
  deadline::WallTime wall_now() const override {
    return manual.wall_now() + std::chrono::hours(24 * 365 * 50);
  }
  void advance(deadline::Duration by) { manual.advance(by); }

 private:
  deadline::ManualClock manual;
};

class AccessTest : public storage::BothDatabases {
 protected:
  void SetUp() override {
    storage::BothDatabases::SetUp();
    if (IsSkipped()) return;
    store = open_store();
    reader = std::move(*store->reader());
    passwords.emplace(*secrets::Passwords::create(secrets::cheapest_cost));
    users.emplace(*store, *passwords, clock);
    sessions.emplace(*store, clock);
    set_up.emplace(*store, *passwords, clock);
    log_ins.emplace(*store, *passwords, *sessions, throttle, clock);
  }

  User add_user(std::string_view name, Role role = Role::administrator) {
    const auto user = users->create(call, {name, good_password, role});
    EXPECT_TRUE(user) << user.error().message;
    return user.value_or(User{});
  }
  // The token.
  std::string log_in(std::string_view name) {
    auto logged_in = log_ins->log_in(call, *reader, {name, good_password}, {"192.0.2.1", "a browser"});
    EXPECT_TRUE(logged_in) << logged_in.error().message;
    return logged_in ? std::string(logged_in->session.token.reveal()) : std::string();
  }
  bool is_in(std::string_view token) const { return sessions->check(*reader, token).has_value(); }

  // "actor action subject", the oldest first.
  std::vector<std::string> recorded() const {
    std::vector<std::string> texts;
    const auto found = changes::list(*reader, {.rows_max = 500});
    EXPECT_TRUE(found);
    if (!found) return texts;
    for (const auto& one : *found)
      texts.insert(texts.begin(), one.change.actor + " " + one.change.action + " " + one.change.subject);
    return texts;
  }

  // What was enqueued before is done when this returns.
  void settle() {
    EXPECT_TRUE(store->write([](storage::Connection&) -> storage::Outcome { return {}; }));
  }

  Call call{"token:admin", "req_1"};
  TestClock clock;
  LogInThrottle throttle;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<storage::Connection> reader;
  std::optional<secrets::Passwords> passwords;
  std::optional<Users> users;
  std::optional<Sessions> sessions;
  std::optional<access::SetUp> set_up;
  std::optional<LogIn> log_ins;
};

template <class T>
ErrorKind kind_of(const std::expected<T, Error>& result) {
  EXPECT_FALSE(result.has_value());
  return result ? ErrorKind::unavailable : result.error().kind;
}

template <class T>
std::string text_of(const std::expected<T, Error>& result) {
  EXPECT_FALSE(result.has_value());
  return result ? "" : result.error().field + ": " + result.error().message;
}

}  // namespace punctual::access
