#include "access/api_keys.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "access/access_testing.hpp"

namespace punctual::access {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

RC_GTEST_PROP(ApiKeyLimitDocuments, AreReadAsTheyWereWritten, ()) {
  const auto maybe = [](auto most) { return *rc::gen::maybe(rc::gen::inRange<std::uint64_t>(1, most)); };
  ApiKeyLimits limits;
  limits.models = *rc::gen::container<std::vector<std::string>>(rc::gen::string<std::string>());
  for (std::string& model : limits.models)
    model = storage::storable_text(model);
  if (const auto number = maybe(key_rate_max)) limits.requests_per_minute = *number;
  if (const auto number = maybe(key_rate_max)) limits.tokens_per_minute = *number;
  if (const auto number = maybe(std::uint64_t{86'400'000})) {
    limits.deadline_max = milliseconds(static_cast<std::int64_t>(*number));
  }
  RC_ASSERT(ApiKeyLimits::parse(limits.document()) == limits);
}

TEST(ApiKeyLimitDocuments, OfAnotherFormAreRefused) {
  constexpr auto model_of_no_text =
      R"({"models":[1],"requests_per_minute":1,"tokens_per_minute":1,"deadline_seconds_max":1})";
  constexpr auto negative =
      R"({"models":[],"requests_per_minute":-1,"tokens_per_minute":1,"deadline_seconds_max":1})";
  for (const auto* text : {"", "{}", "[]", model_of_no_text, negative})
    EXPECT_EQ(ApiKeyLimits::parse(text), std::nullopt) << text;
}

TEST(ApiKeyLimitChecks, NameWhatIsWrong) {
  EXPECT_TRUE(check_limits({}));
  EXPECT_TRUE(check_limits({{"gpt-*", "claude-opus"}, 60, 100'000, seconds(30)}));
  EXPECT_EQ(text_of(check_limits({{}, 0, {}, {}})),
            "requests_per_minute: is 0: give 1 to 1000000000, or nothing for no limit");
  EXPECT_THAT(text_of(check_limits({{}, {}, key_rate_max + 1, {}})),
              HasSubstr("tokens_per_minute: is 1000000001"));
  EXPECT_THAT(text_of(check_limits({{}, {}, {}, milliseconds(1)})),
              HasSubstr("deadline_seconds_max: is 0.001"));
  EXPECT_THAT(text_of(check_limits({{""}, {}, {}, {}})), HasSubstr("models: holds a name of 0 bytes"));
  EXPECT_THAT(text_of(check_limits({{"gpt-[4"}, {}, {}, {}})), HasSubstr("models: holds gpt-[4"));
  EXPECT_THAT(text_of(check_limits({std::vector<std::string>(65, "a"), {}, {}, {}})),
              HasSubstr("has 65 entries"));
}

class ApiKeysTest : public AccessTest {
 protected:
  void SetUp() override {
    AccessTest::SetUp();
    if (!IsSkipped()) keys.emplace(*store, clock);
  }
  NewApiKey add(std::string_view name, const ApiKeyLimits& limits = {}) {
    auto made = keys->create(call, name, limits);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }

  std::optional<ApiKeys> keys;
};
INSTANTIATE_TEST_SUITE_P(, ApiKeysTest, storage::both_dialects, storage::dialect_name);

TEST_P(ApiKeysTest, AreToldOnceAndFoundByTheirHash) {
  const ApiKeyLimits limits{{"gpt-*"}, 60, std::nullopt, seconds(30)};
  const auto made = add(" laptop ", limits);
  EXPECT_EQ(made.key.name, "laptop");
  EXPECT_TRUE(made.text.reveal().ends_with(made.key.hint));
  EXPECT_EQ(made.key.hint.size(), 4U);
  const auto active = ApiKeys::active(*reader);
  ASSERT_TRUE(active) << active.error().message;
  ASSERT_EQ(active->size(), 1U);
  EXPECT_EQ(active->front().id, made.key.id);
  EXPECT_EQ(active->front().limits, limits);
  EXPECT_EQ(active->front().hash, secrets::hash_of(secrets::Purpose::api_key, made.text.reveal()));
  const auto all = ApiKeys::list(*reader);
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(all->front().created_by, "token:admin");
  EXPECT_EQ(all->front().limits, limits);
  const auto change = changes::list(*reader, {})->front().change;
  EXPECT_EQ(change.subject, "api_key:laptop");
  EXPECT_THAT(*change.after, HasSubstr(R"("requests_per_minute":60)"));
  EXPECT_THAT(*change.after, Not(HasSubstr(std::string(made.text.reveal()))));
}

TEST_P(ApiKeysTest, AreChanged) {
  const auto one = add("one", {{"gpt-*"}, 60, 1000, seconds(30)});
  add("two");
  const auto renamed = keys->change(call, one.key.id, {.name = "Uno"});
  ASSERT_TRUE(renamed) << renamed.error().message;
  EXPECT_EQ(renamed->limits, one.key.limits);
  const auto changed = keys->change(call, one.key.id, {.limits = ApiKeyLimits{{}, 5, {}, {}}});
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(changed->name, "Uno");
  EXPECT_EQ(ApiKeys::get(*reader, one.key.id)->limits, changed->limits);
  EXPECT_EQ(text_of(keys->change(call, one.key.id, {.name = "TWO"})),
            "name: is taken: the API key two exists; give another");
  EXPECT_TRUE(keys->change(call, one.key.id, {.name = "UNO"}));
  EXPECT_EQ(kind_of(keys->change(call, one.key.id, {.limits = ApiKeyLimits{{}, 0, {}, {}}})),
            ErrorKind::invalid);
  EXPECT_EQ(kind_of(keys->change(call, "key_none", {})), ErrorKind::not_found);
  EXPECT_EQ(kind_of(keys->create(call, "Two", {})), ErrorKind::conflict);
}

TEST_P(ApiKeysTest, AreRevokedForEver) {
  const auto made = add("laptop");
  const auto revoked = keys->revoke(call, made.key.id);
  ASSERT_TRUE(revoked) << revoked.error().message;
  EXPECT_TRUE(revoked->revoked);
  EXPECT_TRUE(ApiKeys::active(*reader)->empty());
  EXPECT_EQ(kind_of(keys->revoke(call, made.key.id)), ErrorKind::conflict);
  EXPECT_EQ(kind_of(keys->change(call, made.key.id, {.name = "x"})), ErrorKind::conflict);
  add("laptop");
  const auto all = ApiKeys::list(*reader);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_FALSE(all->front().revoked);
  EXPECT_EQ((*all)[1].id, made.key.id);
  EXPECT_THAT(recorded(), ElementsAre("token:admin api_key.create api_key:laptop",
                                      "token:admin api_key.revoke api_key:laptop",
                                      "token:admin api_key.create api_key:laptop"));
}

TEST_P(ApiKeysTest, TellWhoeverServesRequests) {
  std::mutex mutex;
  std::vector<std::string> heard;
  bool ready = false;
  const auto subscription = store->subscribe([&](const storage::Notification& notification) {
    const std::scoped_lock lock(mutex);
    ready = true;
    if (!notification.resync) heard.push_back(notification.channel + " " + notification.payload);
  });
  const auto made = add("laptop");
  ASSERT_TRUE(keys->revoke(call, made.key.id));
  EXPECT_TRUE(storage::eventually([&] {
    const std::scoped_lock lock(mutex);
    return ready;
  }));
  if (GetParam() == storage::Dialect::postgresql) return;  // may have subscribed a moment later
  EXPECT_THAT(heard, ElementsAre("api_keys " + made.key.id, "api_keys " + made.key.id));
}

TEST_P(ApiKeysTest, RememberWhenTheyWereUsed) {
  const auto made = add("laptop");
  EXPECT_EQ(ApiKeys::get(*reader, made.key.id)->last_used, std::nullopt);
  EXPECT_TRUE(keys->note_uses({{made.key.id, 2000}, {"key_none", 1}}));
  EXPECT_TRUE(keys->note_uses({{made.key.id, 1000}}));
  EXPECT_TRUE(keys->note_uses({}));
  settle();
  EXPECT_EQ(ApiKeys::get(*reader, made.key.id)->last_used, 2000);
}

TEST_P(ApiKeysTest, DoNotLoseTheirLimitsWithADamagedRow) {
  const auto made = add("laptop", {{"gpt-*"}, 60, {}, {}});
  ASSERT_TRUE(store->write([&](storage::Connection& connection) -> storage::Outcome {
    const auto done = connection.execute("UPDATE api_keys SET document = 'x' WHERE id = $1", {made.key.id});
    if (!done) return std::unexpected(done.error());
    return {};
  }));
  EXPECT_THAT(text_of(ApiKeys::active(*reader)), HasSubstr("laptop cannot be read"));
  EXPECT_EQ(kind_of(keys->change(call, made.key.id, {.name = "x"})), ErrorKind::conflict);
  EXPECT_TRUE(keys->revoke(call, made.key.id));
  EXPECT_TRUE(ApiKeys::active(*reader));
}

}  // namespace
}  // namespace punctual::access
