#include "access/sessions.hpp"

#include "access/access_testing.hpp"

namespace punctual::access {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using ::testing::Contains;

class SessionsTest : public AccessTest {
 protected:
  std::string check(std::string_view token) const {
    const auto visitor = sessions->check(*reader, token);
    return visitor ? visitor->user.name : std::string(name_of(visitor.error().kind));
  }
  std::vector<Session> list(std::string_view user_id = "") const {
    return sessions->list(*reader, user_id).value();
  }
};
INSTANTIATE_TEST_SUITE_P(, SessionsTest, storage::both_dialects, storage::dialect_name);

TEST_P(SessionsTest, AreOfTheUserWhoLoggedIn) {
  const auto ada = add_user("ada");
  const auto token = log_in("Ada");
  EXPECT_EQ(check(token), "ada");
  EXPECT_EQ(check(token + "x"), "unauthenticated");
  EXPECT_EQ(check(""), "unauthenticated");
  EXPECT_EQ(check(std::string(10'000, 'x')), "unauthenticated");
  const auto all = list(ada.id);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].peer, "192.0.2.1");
  EXPECT_EQ(all[0].user_agent, "a browser");
  EXPECT_EQ(all[0].user_name, "ada");
  EXPECT_EQ(check(all[0].id), "unauthenticated") << "the id of a session opens nothing";
  EXPECT_THAT(recorded(), Contains("user:ada session.create session:ada"));
}

TEST_P(SessionsTest, EndAfterSevenDaysWithoutUse) {
  add_user("ada");
  const auto token = log_in("ada");
  clock.advance(days(7) - minutes(1));
  EXPECT_EQ(check(token), "ada");
  settle();
  clock.advance(days(7) - minutes(1));
  EXPECT_EQ(check(token), "ada");
  settle();
  clock.advance(days(7));
  EXPECT_EQ(check(token), "unauthenticated");
  EXPECT_TRUE(list().empty());
}

TEST_P(SessionsTest, EndAfterThirtyDaysInAnyCase) {
  add_user("ada");
  const auto token = log_in("ada");
  for (int day = 1; day < 30; ++day) {
    clock.advance(days(1));
    EXPECT_EQ(check(token), "ada") << day;
    settle();
  }
  clock.advance(days(1));
  EXPECT_EQ(check(token), "unauthenticated");
}

TEST_P(SessionsTest, NoteTheirUseOnceAMinute) {
  add_user("ada");
  const auto token = log_in("ada");
  const auto begin = list()[0].last_used;
  clock.advance(std::chrono::seconds(59));
  check(token);
  settle();
  EXPECT_EQ(list()[0].last_used, begin);
  clock.advance(std::chrono::seconds(1));
  check(token);
  settle();
  EXPECT_EQ(list()[0].last_used, begin + 60'000'000);
}

TEST_P(SessionsTest, AreRevoked) {
  const auto ada = add_user("ada");
  add_user("bob");
  const auto one = log_in("ada");
  clock.advance(std::chrono::seconds(1));
  const auto two = log_in("ada");
  const auto of_bob = log_in("bob");
  EXPECT_EQ(list().size(), 3U);
  ASSERT_TRUE(sessions->revoke(call, list(ada.id).back().id));
  EXPECT_FALSE(is_in(one));
  EXPECT_TRUE(is_in(two));
  EXPECT_EQ(kind_of(sessions->revoke(call, std::string(64, '0'))), ErrorKind::not_found);
  EXPECT_EQ(kind_of(sessions->revoke(call, "nonsense")), ErrorKind::not_found);
  EXPECT_EQ(sessions->revoke_all(call, ada.id).value(), 1);
  EXPECT_EQ(sessions->revoke_all(call, ada.id).value(), 0);
  EXPECT_EQ(kind_of(sessions->revoke_all(call, "user_none")), ErrorKind::not_found);
  EXPECT_FALSE(is_in(two));
  EXPECT_TRUE(is_in(of_bob));
  EXPECT_EQ(recorded().back(), "token:admin session.revoke_all session:ada");
}

TEST_P(SessionsTest, AreRemovedWhenTheyHaveExpired) {
  add_user("ada");
  log_in("ada");
  clock.advance(days(6));
  const auto token = log_in("ada");
  clock.advance(days(1));
  EXPECT_EQ(sessions->remove_expired(call).value(), 1);
  EXPECT_EQ(sessions->remove_expired(call).value(), 0);
  EXPECT_TRUE(is_in(token));
}

TEST_P(SessionsTest, OfOneUserAreBounded) {
  add_user("ada");
  const auto first = log_in("ada");
  for (std::int64_t i = 0; i < Sessions::of_one_user_max; ++i) {
    EXPECT_EQ(is_in(first), true);
    clock.advance(std::chrono::seconds(1));
    log_in("ada");
  }
  EXPECT_FALSE(is_in(first));
  EXPECT_EQ(list().size(), static_cast<std::size_t>(Sessions::of_one_user_max));
}

class LogInTest : public AccessTest {
 protected:
  std::expected<LoggedIn, Error> attempt(std::string_view name, std::string_view password) {
    return log_ins->log_in(call, *reader, {name, password}, {"192.0.2.1", "\xff"});
  }
};
INSTANTIATE_TEST_SUITE_P(, LogInTest, storage::both_dialects, storage::dialect_name);

TEST_P(LogInTest, SaysTheSameWhateverIsWrong) {
  add_user("ada");
  const auto bob = add_user("bob");
  ASSERT_TRUE(users->change(call, bob.id, {.disabled = true}));
  const auto wrong = text_of(attempt("ada", "wrong horse"));
  EXPECT_EQ(text_of(attempt("nobody", "wrong horse")), wrong);
  EXPECT_EQ(text_of(attempt("bob", good_password)), wrong);
  EXPECT_EQ(text_of(attempt("", "")), wrong);
  EXPECT_EQ(text_of(attempt("ada", std::string(100'000, 'x'))), wrong);
  EXPECT_TRUE(attempt(" ADA ", good_password));
}

TEST_P(LogInTest, SlowsGuessesDownHonestly) {
  add_user("ada");
  for (std::uint32_t i = 0; i < LogInThrottle::free_of_name; ++i)
    EXPECT_EQ(kind_of(attempt("ada", "wrong horse")), ErrorKind::unauthenticated);
  const auto refused = attempt("ada", good_password);
  ASSERT_EQ(kind_of(refused), ErrorKind::too_many);
  EXPECT_EQ(refused.error().retry_after, std::chrono::seconds(1));
  clock.advance(refused.error().retry_after);
  EXPECT_TRUE(attempt("ada", good_password));
  EXPECT_EQ(kind_of(attempt("ada", "wrong horse")), ErrorKind::unauthenticated);
  EXPECT_TRUE(attempt("ada", good_password));
}

TEST_P(LogInTest, HashesAnewAtAnotherCost) {
  const auto ada = add_user("ada");
  const auto dearer = secrets::Passwords::create({2, 16384});
  LogIn with_more(*store, *dearer, *sessions, throttle, clock);
  ASSERT_TRUE(with_more.log_in(call, *reader, {"ada", good_password}, {}));
  const auto stored = read_users(*reader);
  EXPECT_FALSE(dearer->is_outdated(stored->front().password_hash));
  EXPECT_TRUE(attempt("ada", good_password));
}

}  // namespace
}  // namespace punctual::access
