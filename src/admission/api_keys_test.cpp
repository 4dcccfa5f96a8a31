#include "admission/api_keys.hpp"

#include <gtest/gtest.h>

#include "admission/budget.hpp"
#include "admission/key_policy.hpp"

namespace punctual::admission {
namespace {

using std::chrono::seconds;

class ApiKeySnapshots : public ::testing::Test {
 protected:
  static ApiKeySettings settings(std::string id, std::string_view key, std::string name) {
    ApiKeySettings made;
    made.id = std::move(id);
    made.hash = secrets::hash_of(secrets::Purpose::api_key, key);
    made.name = std::move(name);
    return made;
  }
  void build(std::vector<ApiKeySettings> all) {
    auto built = ApiKeys::build(std::move(all), keys.get(), now);
    keys = built.keys;
    problems = built.problems;
  }
  static RefusalKind kind_of(const std::expected<void, Refusal>& result) {
    EXPECT_FALSE(result.has_value());
    return result.error().kind;
  }

  deadline::Instant now{std::chrono::hours(1)};
  std::shared_ptr<const ApiKeys> keys;
  std::vector<std::string> problems;
};

TEST_F(ApiKeySnapshots, FindKeysByWhatIsPresented) {
  build({settings("key_1", "punctual_a", "laptop"), settings("key_2", "punctual_b", "server")});
  ASSERT_NE(keys->find("punctual_b"), nullptr);
  EXPECT_EQ(keys->find("punctual_b")->settings.name, "server");
  EXPECT_EQ(keys->find("punctual_c"), nullptr);
  EXPECT_EQ(keys->find(""), nullptr);
  EXPECT_EQ(keys->find(std::string(100'000, 'a')), nullptr);
}

TEST_F(ApiKeySnapshots, ReadTheKeyOutOfTheHeaders) {
  EXPECT_EQ(presented_key("Bearer abc", ""), "abc");
  EXPECT_EQ(presented_key("bearer  abc ", "x"), "abc");
  EXPECT_EQ(presented_key("", " abc"), "abc");
  EXPECT_EQ(presented_key("Basic abc", ""), "");
  EXPECT_EQ(presented_key("Basic abc", "k"), "k");
  EXPECT_EQ(presented_key("Bearer ", "k"), "k");
  EXPECT_EQ(presented_key("Bearer", ""), "");
  EXPECT_EQ(presented_key("", ""), "");
}

TEST_F(ApiKeySnapshots, WantAKeyOnlyWhereItIsRequired) {
  build({settings("key_1", "punctual_a", "laptop")});
  EXPECT_EQ(identify(*keys, {false}, "").value(), nullptr);
  EXPECT_EQ(identify(*keys, {false}, "sk-of-an-sdk").value(), nullptr);
  EXPECT_NE(identify(*keys, {false}, "punctual_a").value(), nullptr);
  EXPECT_EQ(identify(*keys, {true}, "").error().kind, RefusalKind::key_missing);
  const auto unknown = identify(*keys, {true}, "sk-of-an-sdk");
  EXPECT_EQ(unknown.error().kind, RefusalKind::key_unknown);
  EXPECT_EQ(unknown.error().message.find("sk-of"), std::string::npos);
  EXPECT_NE(identify(*keys, {true}, "punctual_a").value(), nullptr);
}

TEST_F(ApiKeySnapshots, AllowModelsByNameOrGlob) {
  auto some = settings("key_1", "punctual_a", "laptop");
  some.models = {"gpt-4o", "claude-*", "odd[name"};
  build({some, settings("key_2", "punctual_b", "server")});
  ASSERT_EQ(problems.size(), 1U);
  const ApiKey& key = *keys->find("punctual_a");
  EXPECT_TRUE(admit(key, "gpt-4o", now));
  EXPECT_TRUE(admit(key, "claude-opus", now));
  EXPECT_TRUE(admit(key, "odd[name", now));
  EXPECT_FALSE(key.allows("oddn"));
  const auto refused = admit(key, "gpt-4o-mini", now);
  EXPECT_EQ(kind_of(refused), RefusalKind::model_not_allowed);
  EXPECT_EQ(refused.error().message,
            "the API key laptop may not use the model gpt-4o-mini: it may use gpt-4o, claude-*, odd[name");
  EXPECT_TRUE(admit(*keys->find("punctual_b"), "anything", now));
}

TEST_F(ApiKeySnapshots, BoundRequestsPerMinute) {
  auto some = settings("key_1", "punctual_a", "laptop");
  some.requests_per_minute = 2;
  build({some});
  const ApiKey& key = *keys->find("punctual_a");
  EXPECT_TRUE(admit(key, "m", now));
  EXPECT_TRUE(admit(key, "m", now));
  const auto refused = admit(key, "m", now);
  EXPECT_EQ(kind_of(refused), RefusalKind::too_many_requests);
  EXPECT_EQ(refused.error().retry_after, seconds(30));
  EXPECT_NE(refused.error().message.find("2 requests per minute"), std::string::npos);
  now += seconds(30);
  EXPECT_TRUE(admit(key, "m", now));
}

TEST_F(ApiKeySnapshots, BoundTokensByWhatWasUsed) {
  auto some = settings("key_1", "punctual_a", "laptop");
  some.tokens_per_minute = 60;
  some.requests_per_minute = 2;
  build({some});
  const ApiKey& key = *keys->find("punctual_a");
  EXPECT_TRUE(admit(key, "m", now));
  settle(key, 69, now);
  const auto refused = admit(key, "m", now);
  EXPECT_EQ(kind_of(refused), RefusalKind::too_many_tokens);
  EXPECT_EQ(refused.error().retry_after, seconds(10));
  now += seconds(10);
  EXPECT_TRUE(admit(key, "m", now)) << "the refused request was not counted";
}

TEST_F(ApiKeySnapshots, ForgiveNothingWhenTheyAreReplaced) {
  auto some = settings("key_1", "punctual_a", "laptop");
  some.requests_per_minute = 1;
  build({some});
  const auto before = keys;
  const ApiKey& old = *before->find("punctual_a");
  EXPECT_TRUE(admit(old, "m", now));
  some.name = "notebook";
  some.hash = secrets::hash_of(secrets::Purpose::api_key, "punctual_z");
  build({some});
  const ApiKey& key = *keys->find("punctual_z");
  EXPECT_EQ(key.settings.name, "notebook");
  EXPECT_EQ(kind_of(admit(key, "m", now)), RefusalKind::too_many_requests);
  EXPECT_EQ(key.meters, old.meters);
  build({});
  EXPECT_EQ(keys->size(), 0U);
  EXPECT_EQ(keys->find("punctual_z"), nullptr);
}

TEST_F(ApiKeySnapshots, KnowWhenAKeyWasUsed) {
  build({settings("key_1", "punctual_a", "laptop"), settings("key_2", "punctual_b", "server")});
  EXPECT_TRUE(keys->uses_since({}).empty());
  settle(*keys->find("punctual_b"), 0, now + seconds(1));
  build({settings("key_1", "punctual_a", "laptop"), settings("key_2", "punctual_c", "server")});
  const auto uses = keys->uses_since(now);
  ASSERT_EQ(uses.size(), 1u);
  EXPECT_EQ(uses[0].id, "key_2");
  EXPECT_EQ(uses[0].at, now + seconds(1));
  EXPECT_TRUE(keys->uses_since(now + seconds(2)).empty());
}

TEST_F(ApiKeySnapshots, ShortenTheDeadline) {
  auto some = settings("key_1", "punctual_a", "laptop");
  some.deadline_max = seconds(30);
  build({some});
  config::Timeouts timeouts;
  BudgetInputs inputs;
  inputs.timeouts = &timeouts;
  inputs.key = keys->find("punctual_a");
  EXPECT_EQ(limits_of(inputs)[deadline::Phase::total].duration, seconds(30));
  EXPECT_EQ(limits_of(inputs)[deadline::Phase::total].source.text(), "api_key laptop");
  inputs.body_timeout = seconds(40);
  EXPECT_EQ(limits_of(inputs)[deadline::Phase::total].duration, seconds(30));
  inputs.body_timeout = seconds(20);
  EXPECT_EQ(limits_of(inputs)[deadline::Phase::total].source.text(), "request timeout");
}

}  // namespace
}  // namespace punctual::admission
