#include "settings/service.hpp"

#include <gtest/gtest.h>

#include "base/temporary_folder_testing.hpp"
#include "settings/json_table.hpp"
#include "settings/providers.hpp"
#include "settings/rules.hpp"
#include "settings/sections.hpp"
#include "settings/timeouts.hpp"
#include "settings/vault_opener.hpp"

namespace punctual::settings {
namespace {

namespace bj = boost::json;

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    auto opened = storage::Store::open({.location = "sqlite", .data = folder_.path()});
    EXPECT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  ~SettingsTest() override {
    service_.reset();
    store_.reset();
  }

  std::string open(std::string toml = "", config::Environment environment = {}) {
    service_.reset();
    environment_ = std::move(environment);
    const auto vault = ensure_vault(*store_, environment_, folder_.path(), 1);
    if (!vault) return vault.error();
    auto service = Service::open({.store = *store_,
                                  .clock = clock_,
                                  .base = {std::move(toml), "punctual.toml", environment_},
                                  .open_vault = vault_opener(environment_, folder_.path())});
    if (!service) return service.error();
    service_ = std::move(*service);
    service_->set_publisher([this](const Service::Published& snapshot) { published_ = snapshot; });
    return {};
  }

  static bj::object json(std::string_view text) { return *parse_object(text); }
  std::string chat_source() const { return service_->current()->configuration->timeouts.chat.source.text(); }
  std::int64_t changes_recorded() {
    auto reader = store_->reader();
    return (*reader)->execute("SELECT count(*) FROM changes")->front().integer(0);
  }

  const Actor ada_{"user:ada", "req_1"};
  deadline::SystemClock clock_;
  base::TemporaryFolder folder_;
  config::Environment environment_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Service> service_;
  Service::Published published_;
};

TEST_F(SettingsTest, AChangedLimitIsInForceAndSurvivesAnotherStart) {
  ASSERT_EQ(open("[timeouts]\nchat_seconds = 100\n"), "");
  EXPECT_EQ(chat_source(), "file timeouts.chat_seconds");
  const auto changed = change_timeouts(*service_, ada_, {}, json(R"({"chat_seconds": 1200})"));
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(published_->configuration->timeouts.chat.duration, std::chrono::seconds(1200));
  EXPECT_EQ(chat_source(), "stored timeouts.chat_seconds");
  ASSERT_EQ(open("[timeouts]\nchat_seconds = 100\n"), "");
  EXPECT_EQ(timeouts_document(*service_->current()).at("chat_seconds"), 1200);
  ASSERT_TRUE(change_timeouts(*service_, ada_, {}, json(R"({"chat_seconds": null})")));
  EXPECT_EQ(timeouts_document(*service_->current()).at("chat_seconds"), 100);
  EXPECT_EQ(changes_recorded(), 2);
}

TEST_F(SettingsTest, ALimitOutOfRangeStoresNothingOfTheChange) {
  ASSERT_EQ(open(), "");
  const auto changed =
      change_timeouts(*service_, ada_, {}, json(R"({"embeddings_seconds": 90, "chat_seconds": 7201})"));
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().kind, ErrorKind::invalid);
  ASSERT_EQ(changed.error().fields.size(), 1u);
  EXPECT_EQ(changed.error().fields[0].field, "chat_seconds");
  EXPECT_EQ(changed.error().fields[0].message, "is 7201: give 60 to 7200 seconds");
  EXPECT_EQ(timeouts_document(*service_->current()).at("embeddings_seconds"), 120);
  EXPECT_EQ(changes_recorded(), 0);
}

TEST_F(SettingsTest, WhatIsNoNumberOrNoLimitIsNamed) {
  ASSERT_EQ(open(), "");
  const auto changed =
      change_timeouts(*service_, ada_, {}, json(R"({"chat_seconds": "900", "chat_secs": 900})"));
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().fields.size(), 2u);
}

TEST_F(SettingsTest, APinnedLimitIsRefusedByTheNameOfItsVariable) {
  ASSERT_EQ(open("", config::Environment({{"MLX_SERVER_TIMEOUT_CHAT_SECONDS", "5"}})), "");
  const auto changed = change_timeouts(*service_, ada_, {}, json(R"({"chat_seconds": 900})"));
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().kind, ErrorKind::pinned);
  EXPECT_NE(changed.error().message.find("MLX_SERVER_TIMEOUT_CHAT_SECONDS"), std::string::npos);
}

TEST_F(SettingsTest, AStaleVersionIsToldAndTheRightOneTaken) {
  ASSERT_EQ(open(), "");
  ASSERT_TRUE(change_timeouts(*service_, ada_, 0, json(R"({"chat_seconds": 100})")));
  const auto stale = change_timeouts(*service_, ada_, 0, json(R"({"chat_seconds": 200})"));
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().kind, ErrorKind::stale);
  const auto version = service_->current()->stored.version_of(Section::timeouts);
  EXPECT_TRUE(change_timeouts(*service_, ada_, version, json(R"({"chat_seconds": 200})")));
}

TEST_F(SettingsTest, AnotherReplicasChangeIsTakenOverAndNothingIsLost) {
  ASSERT_EQ(open(), "");
  auto other = Service::open({.store = *store_,
                              .clock = clock_,
                              .base = {"", "", environment_},
                              .open_vault = vault_opener(environment_, folder_.path())});
  ASSERT_TRUE(other);
  ASSERT_TRUE(change_timeouts(**other, ada_, {}, json(R"({"chat_seconds": 100})")));
  // This one does not know it yet: its change is made on top of it.
  ASSERT_TRUE(change_timeouts(*service_, ada_, {}, json(R"({"idle_seconds": 33})")));
  const auto document = timeouts_document(*service_->current());
  EXPECT_EQ(document.at("chat_seconds"), 100);
  EXPECT_EQ(document.at("idle_seconds"), 33);
  // What the first has made since, the other can change at once, by the version that the first told.
  const auto rule = create_rule(*service_, ada_, {},
                                json(R"({"match":"exact","pattern":"m","targets":[{"provider":"sim"}]})"));
  ASSERT_TRUE(rule);
  const auto version = service_->current()->stored.version_of(Section::rules);
  EXPECT_TRUE(delete_rule(**other, ada_, version, *rule));
  ASSERT_TRUE((*other)->reload());
  EXPECT_EQ(timeouts_document(*(*other)->current()).at("idle_seconds"), 33);
}

TEST_F(SettingsTest, AProvidersKeyIsSealedUsedAndNeverShown) {
  ASSERT_EQ(open(), "");
  const auto id = create_provider(
      *service_, ada_, {},
      json(
          R"({"name":"groq","kind":"openai","base_url":"https://api.groq.com/v1","api_key":"sk-0123456789abcdef"})"));
  ASSERT_TRUE(id) << id.error().message;
  const auto* provider = published_->configuration->provider_named("groq");
  ASSERT_TRUE(provider);
  EXPECT_EQ(provider->api_key.reveal(), "sk-0123456789abcdef");
  const auto text = bj::serialize(providers_document(*service_->current()));
  EXPECT_EQ(text.find("0123456789"), std::string::npos);
  EXPECT_NE(text.find("\"hint\":\"cdef\""), std::string::npos);
  auto reader = store_->reader();
  const auto rows = (*reader)->execute("SELECT after_value FROM changes");
  EXPECT_EQ(rows->front().text(0).find("0123456789"), std::string::npos);
  ASSERT_EQ(open(), "");
  EXPECT_EQ(service_->current()->configuration->provider_named("groq")->api_key.reveal(),
            "sk-0123456789abcdef");
}

TEST_F(SettingsTest, AKeyIsNotSentToAnotherHostByAChangeOfTheAddress) {
  ASSERT_EQ(open("[[providers]]\nname = \"a\"\nkind = \"openai\"\nbase_url = \"http://one/v1\"\napi_key = "
                 "\"from-the-file\"\n"),
            "");
  const auto moved = replace_provider(*service_, ada_, {}, "file-a",
                                      json(R"({"name":"a","kind":"openai","base_url":"http://two/v1"})"));
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().fields[0].field, "api_key");
  EXPECT_TRUE(replace_provider(*service_, ada_, {}, "file-a",
                               json(R"({"name":"a","kind":"openai","base_url":"http://one/v2"})")));
  EXPECT_EQ(published_->configuration->provider_named("a")->api_key.reveal(), "from-the-file");
  ASSERT_TRUE(delete_provider(*service_, ada_, {}, "file-a"));
  EXPECT_EQ(published_->configuration->provider_named("a")->base_url.path_prefix, "/v1");
}

TEST_F(SettingsTest, APresetIsEnoughAndItsAddressCountsForTheKey) {
  ASSERT_EQ(open(), "");
  const auto id = create_provider(*service_, ada_, std::nullopt,
                                  json(R"({"name":"a","preset":"groq","api_key":"sk-1"})"));
  ASSERT_TRUE(id) << id.error().message;
  const auto document = [&] { return provider_document(*published_, *provider_of_id(*published_, *id)); };
  auto body = document();
  EXPECT_EQ(body.at("preset"), "groq");
  EXPECT_EQ(body.at("kind"), "openai");
  EXPECT_EQ(body.at("base_url"), "https://api.groq.com/openai/v1");
  EXPECT_EQ(body.at("auth"), "bearer");
  EXPECT_EQ(body.at("in_flight_max"), 0);
  EXPECT_EQ(body.at("waiting_max"), 100);

  body["in_flight_max"] = 4;
  ASSERT_TRUE(replace_provider(*service_, ada_, std::nullopt, *id, body)) << "what was read can be sent back";
  EXPECT_EQ(document().at("in_flight_max"), 4);
  const auto elsewhere =
      replace_provider(*service_, ada_, std::nullopt, *id, json(R"({"preset":"mistral"})"));
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().fields.at(0).field, "api_key");
}

TEST_F(SettingsTest, AnUnknownPresetIsNamed) {
  ASSERT_EQ(open(), "");
  const auto id = create_provider(*service_, ada_, std::nullopt, json(R"({"name":"a","preset":"olama"})"));
  ASSERT_FALSE(id);
  ASSERT_EQ(id.error().fields.size(), 1u);
  EXPECT_EQ(id.error().fields[0].field, "preset");
  EXPECT_NE(id.error().fields[0].message.find("did you mean ollama?"), std::string::npos);
}

TEST_F(SettingsTest, AWrongFieldOfAProviderIsNamed) {
  ASSERT_EQ(open(), "");
  const auto id = create_provider(*service_, ada_, {},
                                  json(R"({"name":"x","kind":"opnai","base_url":"ftp://x","timeout":{}})"));
  ASSERT_FALSE(id);
  std::string fields;
  for (const auto& field : id.error().fields)
    fields += field.field + " ";
  EXPECT_EQ(fields, "base_url kind timeout ");
}

TEST_F(SettingsTest, AFileOfCertificatesIsLookedAtWhenItIsGiven) {
  ASSERT_EQ(open(), "");
  for (const char* path : {"/nowhere/ca.pem", "/proc/self/comm"}) {
    auto body = json(R"({"name":"x","kind":"openai","base_url":"https://x/v1"})");
    body["ca_file"] = path;
    const auto id = create_provider(*service_, ada_, {}, body);
    ASSERT_FALSE(id) << path;
    EXPECT_EQ(id.error().fields[0].field, "ca_file");
  }
}

TEST_F(SettingsTest, AHeaderThatLooksLikeACredentialIsRefused) {
  ASSERT_EQ(open(), "");
  const auto id = create_provider(
      *service_, ada_, {},
      json(R"({"name":"x","kind":"openai","base_url":"https://x/v1","headers":{"X-Api-Token":"t"}})"));
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().fields[0].field, "headers.X-Api-Token");
}

TEST_F(SettingsTest, AProviderThatARuleLeadsToStays) {
  ASSERT_EQ(open(), "");
  const auto id =
      create_provider(*service_, ada_, {}, json(R"({"name":"x","kind":"openai","base_url":"http://x/v1"})"));
  ASSERT_TRUE(id);
  const auto rule = create_rule(*service_, ada_, {},
                                json(R"({"match":"glob","pattern":"x-*","targets":[{"provider":"x"}]})"));
  ASSERT_TRUE(rule) << rule.error().message;
  EXPECT_EQ(delete_provider(*service_, ada_, {}, *id).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(delete_rule(*service_, ada_, {}, *rule));
  EXPECT_TRUE(delete_provider(*service_, ada_, {}, *id));
}

TEST_F(SettingsTest, RulesAreOrderedAndTried) {
  ASSERT_EQ(
      open("[[rules]]\npriority = 1\nmatch = \"prefix\"\npattern = \"a\"\ntargets = [{ provider = \"sim\" "
           "}]\n"),
      "");
  const auto second = create_rule(
      *service_, ada_, {},
      json(R"({"match":"exact","pattern":"abc","targets":[{"provider":"sim","model":"sim-fast"}]})"));
  ASSERT_TRUE(second) << second.error().message;
  const auto first = service_->current()->configuration->rules[0].id;
  EXPECT_EQ(try_model(*service_->current(), "abc").at("rule").at("id").as_string(), first);
  ASSERT_TRUE(order_rules(*service_, ada_, {}, {*second, first}));
  const auto tried = try_model(*service_->current(), "abc");
  EXPECT_EQ(tried.at("rule").at("id").as_string(), *second);
  EXPECT_EQ(tried.at("targets").at(0).at("model"), "sim-fast");
  EXPECT_EQ(order_rules(*service_, ada_, {}, {first}).error().fields[0].field, "ids");
}

TEST_F(SettingsTest, APatternThatDoesNotCompileIsNamed) {
  ASSERT_EQ(open(), "");
  const auto rule = create_rule(*service_, ada_, {},
                                json(R"({"match":"regex","pattern":"a(","targets":[{"provider":"sim"}]})"));
  ASSERT_FALSE(rule);
  EXPECT_EQ(rule.error().fields[0].field, "pattern");
}

TEST_F(SettingsTest, WhatNoLongerFitsIsLeftOutAndSaid) {
  const std::string file = "[[providers]]\nname = \"a\"\nkind = \"openai\"\nbase_url = \"http://one/v1\"\n";
  ASSERT_EQ(open(file), "");
  ASSERT_TRUE(create_rule(*service_, ada_, {},
                          json(R"({"match":"exact","pattern":"m","targets":[{"provider":"a"}]})")));
  ASSERT_EQ(open(""), "");
  EXPECT_TRUE(service_->current()->configuration->rules.empty());
  ASSERT_EQ(service_->left_out().size(), 1u);
  ASSERT_EQ(open(file), "");
  EXPECT_EQ(service_->current()->configuration->rules.size(), 1u);
}

TEST_F(SettingsTest, ALostMasterKeyIsAClearErrorAndARotationKeepsTheKeys) {
  ASSERT_EQ(open(), "");
  ASSERT_TRUE(create_provider(
      *service_, ada_, {},
      json(R"({"name":"x","kind":"openai","base_url":"http://x/v1","api_key":"key-of-x-0123456789"})")));
  const std::string hex(64, 'a');
  ASSERT_TRUE(service_->rotate(*secrets::Key::parse(hex), ada_));
  EXPECT_EQ(service_->current()->configuration->provider_named("x")->api_key.reveal(), "key-of-x-0123456789");
  EXPECT_NE(open(), "") << "the file still holds the old master key";
  EXPECT_EQ(open("", config::Environment({{"PUNCTUAL_MASTER_KEY", hex}})), "");
  EXPECT_EQ(service_->current()->configuration->provider_named("x")->api_key.reveal(), "key-of-x-0123456789");
}

TEST_F(SettingsTest, ThePoolAndTheLogAreSections) {
  ASSERT_EQ(open(), "");
  ASSERT_TRUE(change_pool(*service_, ada_, {}, json(R"({"memory_limit":"50%"})")));
  EXPECT_EQ(pool_document(*service_->current()).at("memory_limit"), "50%");
  EXPECT_EQ(change_pool(*service_, ada_, {}, json(R"({"memory_limit":"much"})")).error().fields[0].field,
            "memory_limit");
  ASSERT_TRUE(change_logs(*service_, ada_, {}, json(R"({"retention_days":5})")));
  EXPECT_EQ(log_settings(*service_->current()).retention_days, 5);
  EXPECT_EQ(change_logs(*service_, ada_, {}, json(R"({"contents":1})")).error().fields[0].field, "contents");
}

}  // namespace
}  // namespace punctual::settings
