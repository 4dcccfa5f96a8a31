#include "access/users.hpp"

#include <thread>

#include "access/access_testing.hpp"
#include "access/names.hpp"

namespace punctual::access {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Names, AreTrimmedAndBounded) {
  EXPECT_EQ(checked_name(" Ada ").value(), "Ada");
  EXPECT_EQ(checked_name("Zoë 2").value(), "Zoë 2");
  std::string umlauts;
  for (int i = 0; i < 64; ++i)
    umlauts += "ö";
  EXPECT_TRUE(checked_name(umlauts));
  for (const auto& wrong : {std::string(), std::string("  "), umlauts + "o", std::string("a\nb"),
                            std::string("\xff"), std::string("a\0b", 3)}) {
    EXPECT_EQ(kind_of(checked_name(wrong)), ErrorKind::invalid);
  }
}

TEST(Names, AreNoPasswords) {
  EXPECT_TRUE(check_password("0123456789", "ada"));
  EXPECT_FALSE(check_password("012345678", "ada"));
  EXPECT_FALSE(check_password(std::string(1025, 'a'), "ada"));
  EXPECT_FALSE(check_password("Ada Lovelace", "ada lovelace"));
  EXPECT_EQ(text_of(check_password("secret", "ada")).find("secret"), std::string::npos);
}

class UsersTest : public AccessTest {};
INSTANTIATE_TEST_SUITE_P(, UsersTest, storage::both_dialects, storage::dialect_name);

TEST_P(UsersTest, AreMadeAndListed) {
  const auto ada = add_user(" Ada ");
  EXPECT_EQ(ada.name, "Ada");
  add_user("bob", Role::viewer);
  const auto all = Users::list(*reader);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].id, ada.id);
  EXPECT_EQ((*all)[1].role, Role::viewer);
  EXPECT_EQ(Users::get(*reader, ada.id)->name, "Ada");
  EXPECT_EQ(kind_of(Users::get(*reader, "user_none")), ErrorKind::not_found);
  EXPECT_THAT(recorded(),
              ElementsAre("token:admin user.create user:Ada", "token:admin user.create user:bob"));
  EXPECT_TRUE(require_administrator((*all)[0]));
  EXPECT_EQ(kind_of(require_administrator((*all)[1])), ErrorKind::forbidden);
}

TEST_P(UsersTest, HaveOneNameWithoutCase) {
  add_user("Ada");
  const auto again = users->create(call, {"ADA", good_password, Role::viewer});
  EXPECT_EQ(kind_of(again), ErrorKind::conflict);
  EXPECT_EQ(text_of(again), "name: is taken: the user Ada exists; give another");
  EXPECT_EQ(kind_of(users->create(call, {"bob", "short", Role::viewer})), ErrorKind::invalid);
  EXPECT_EQ(recorded().size(), 1U);
}

TEST_P(UsersTest, OfOneNameAreMadeOnceByManyAtOnce) {
  std::atomic<int> made = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(6);
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&, i] {
        const auto user = users->create(call, {i % 2 == 0 ? "ada" : "ADA", good_password, Role::viewer});
        if (user)
          ++made;
        else
          EXPECT_EQ(user.error().kind, ErrorKind::conflict) << user.error().message;
      });
    }
  }
  EXPECT_EQ(made, 1);
}

TEST_P(UsersTest, AreChangedAndLoseTheirSessions) {
  const auto ada = add_user("ada");
  const auto bob = add_user("bob");
  const auto of_ada = log_in("ada");
  std::string of_bob = log_in("bob");
  ASSERT_TRUE(users->change(call, bob.id, {.role = Role::viewer}));
  EXPECT_FALSE(is_in(of_bob));
  of_bob = log_in("bob");
  ASSERT_TRUE(users->change(call, bob.id, {.disabled = true}));
  EXPECT_FALSE(is_in(of_bob));
  EXPECT_EQ(kind_of(log_ins->log_in(call, *reader, {"bob", good_password}, {})), ErrorKind::unauthenticated);
  ASSERT_TRUE(users->change(call, bob.id, {.disabled = false}));
  of_bob = log_in("bob");
  ASSERT_TRUE(users->change(call, bob.id, {.role = Role::viewer}));
  EXPECT_TRUE(is_in(of_bob)) << "nothing was changed";
  ASSERT_TRUE(users->change(call, bob.id, {.password = "another horse"}));
  EXPECT_FALSE(is_in(of_bob));
  EXPECT_TRUE(is_in(of_ada));
  EXPECT_EQ(kind_of(users->change(call, "user_none", {.role = Role::viewer})), ErrorKind::not_found);
  EXPECT_EQ(text_of(users->change(call, ada.id, {.password = "ada"})),
            "password: has 3 bytes: give 10 to 1024");
  EXPECT_EQ(recorded().back(), "token:admin user.password user:bob");
}

TEST_P(UsersTest, KeepTheirLastAdministrator) {
  const auto ada = add_user("ada");
  add_user("bob", Role::viewer);
  EXPECT_EQ(kind_of(users->change(call, ada.id, {.role = Role::viewer})), ErrorKind::conflict);
  EXPECT_EQ(kind_of(users->change(call, ada.id, {.disabled = true})), ErrorKind::conflict);
  EXPECT_THAT(text_of(users->remove(call, ada.id)), HasSubstr("ada is the last administrator"));
  const auto eve = add_user("eve");
  ASSERT_TRUE(users->change(call, eve.id, {.disabled = true}));
  EXPECT_EQ(kind_of(users->remove(call, ada.id)), ErrorKind::conflict) << "a disabled one does not count";
  ASSERT_TRUE(users->change(call, eve.id, {.disabled = false}));
  EXPECT_TRUE(users->remove(call, ada.id));
}

TEST_P(UsersTest, KeepAnAdministratorWhenTwoDemoteEachOther) {
  const auto ada = add_user("ada");
  const auto bob = add_user("bob");
  const auto other = open_store();  // as another process has it
  Users elsewhere(*other, *passwords, clock);
  std::atomic<int> done = 0;
  {
    const std::jthread one(
        [&] { done += int{users->change(call, ada.id, {.role = Role::viewer}).has_value()}; });
    const std::jthread two([&] { done += int{elsewhere.remove(call, bob.id).has_value()}; });
  }
  EXPECT_EQ(done, 1);
}

TEST_P(UsersTest, AreRemovedWithTheirSessions) {
  add_user("ada");
  const auto bob = add_user("bob");
  const auto token = log_in("bob");
  ASSERT_TRUE(users->remove(call, bob.id));
  EXPECT_FALSE(is_in(token));
  EXPECT_EQ(kind_of(users->remove(call, bob.id)), ErrorKind::not_found);
  add_user("bob");
}

TEST_P(UsersTest, ChangeTheirOwnPasswordWithTheOldOne) {
  const auto ada = add_user("ada");
  EXPECT_EQ(kind_of(users->change_own_password(call, *reader, ada.id, "wrong horse", "another horse")),
            ErrorKind::forbidden);
  ASSERT_TRUE(users->change_own_password(call, *reader, ada.id, good_password, "another horse"));
  EXPECT_TRUE(log_ins->log_in(call, *reader, {"ada", "another horse"}, {}));
}

TEST_P(UsersTest, SayThatTheDatabaseIsNotThere) {
  call.deadline = deadline::Instant{};
  EXPECT_EQ(kind_of(users->create(call, {"ada", good_password, Role::viewer})), ErrorKind::unavailable);
}

class SetUpTest : public AccessTest {};
INSTANTIATE_TEST_SUITE_P(, SetUpTest, storage::both_dialects, storage::dialect_name);

TEST_P(SetUpTest, MakesTheFirstAdministratorOnce) {
  EXPECT_TRUE(access::SetUp::is_needed(*reader).value());
  call.actor = "setup";
  const auto token = set_up->start(call);
  ASSERT_TRUE(token && *token);
  const auto text = std::string((*token)->reveal());
  EXPECT_EQ(kind_of(set_up->use(call, *reader, "wrong", "ada", good_password)), ErrorKind::unauthenticated);
  EXPECT_EQ(kind_of(set_up->use(call, *reader, text, "ada", "short")), ErrorKind::invalid);
  const auto ada = set_up->use(call, *reader, text, "ada", good_password);
  ASSERT_TRUE(ada) << ada.error().message;
  EXPECT_EQ(ada->role, Role::administrator);
  EXPECT_FALSE(access::SetUp::is_needed(*reader).value());
  EXPECT_EQ(kind_of(set_up->use(call, *reader, text, "eve", good_password)), ErrorKind::conflict);
  EXPECT_EQ(set_up->start(call).value(), std::nullopt);
  EXPECT_THAT(recorded(), ElementsAre("setup user.create user:ada"));
}

TEST_P(SetUpTest, TakesTheLinkOfTheLatestStart) {
  const auto first = set_up->start(call);
  const auto second = set_up->start(call);
  EXPECT_EQ(kind_of(set_up->use(call, *reader, (**first).reveal(), "ada", good_password)),
            ErrorKind::unauthenticated);
  EXPECT_TRUE(set_up->use(call, *reader, (**second).reveal(), "ada", good_password));
}

TEST_P(SetUpTest, IsOverWhenSomebodyElseMadeAUser) {
  const auto token = set_up->start(call);
  add_user("ada");
  EXPECT_EQ(kind_of(set_up->use(call, *reader, (**token).reveal(), "eve", good_password)),
            ErrorKind::conflict);
}

TEST_P(SetUpTest, IsWonByOneOfMany) {
  const auto token = set_up->start(call);
  const auto other = open_store();
  access::SetUp elsewhere(*other, *passwords, clock);
  std::atomic<int> made = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(6);
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&, i] {
        const auto own_reader = store->reader();
        auto& place = i % 2 == 0 ? *set_up : elsewhere;
        const auto user =
            place.use(call, **own_reader, (**token).reveal(), "user " + std::to_string(i), good_password);
        if (user)
          ++made;
        else
          EXPECT_EQ(user.error().kind, ErrorKind::conflict) << user.error().message;
      });
    }
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(Users::list(*reader)->size(), 1U);
}

}  // namespace
}  // namespace punctual::access
