#include "config/overlay.hpp"

#include <gtest/gtest.h>

#include "config/test_support.hpp"

namespace punctual::config {
namespace {

Value text(std::string value) {
  return {std::move(value), 0};
}

Table provider_table(std::string name, std::string url) {
  return {
      {"name", text(std::move(name)), 0}, {"kind", text("openai"), 0}, {"base_url", text(std::move(url)), 0}};
}

Table rule_table(std::int64_t priority, std::string pattern, std::string provider) {
  const Table target = {{"provider", text(std::move(provider)), 0}};
  return {{"priority", {priority, 0}, 0},
          {"match", text("exact"), 0},
          {"pattern", text(std::move(pattern)), 0},
          {"targets", {List{{target, 0}}, 0}, 0}};
}

TEST(Overlay, StoredLimitsStandBetweenTheFileAndTheEnvironment) {
  Overlay overlay;
  overlay.timeouts = {{"chat_seconds", {std::int64_t{70}, 0}, 0}, {"idle_seconds", {5.5, 0}, 0}};
  const auto environment = variables({{"PUNCTUAL_TIMEOUT_IDLE_SECONDS", "7"}});
  const auto loaded = load("[timeouts]\nchat_seconds = 80\nconnect_seconds = 3\n", "f", environment, overlay);
  ASSERT_TRUE(loaded) << all_errors(loaded);
  const auto& timeouts = (*loaded)->timeouts;
  EXPECT_EQ(timeouts.chat.duration, std::chrono::seconds(70));
  EXPECT_EQ(timeouts.chat.source.text(), "stored timeouts.chat_seconds");
  EXPECT_EQ(timeouts.connect.source.text(), "file timeouts.connect_seconds");
  EXPECT_EQ(timeouts.idle.source.text(), "environment PUNCTUAL_TIMEOUT_IDLE_SECONDS");
}

TEST(Overlay, AStoredMistakeIsToldAsStored) {
  Overlay overlay;
  overlay.timeouts = {{"chat_secs", {std::int64_t{70}, 0}, 0}};
  const auto loaded = load("", "f", {}, overlay);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error()[0].file, stored_file);
  EXPECT_EQ(loaded.error()[0].key, "timeouts.chat_secs");
}

TEST(Overlay, AStoredProviderTakesThePlaceOfTheFilesAndKeepsItsKey) {
  Overlay overlay;
  overlay.providers = {{"p1", provider_table("a", "http://stored/v1")},
                       {"p2", provider_table("b", "http://b/v1")}};
  const auto loaded = load(
      "[[providers]]\nname = \"a\"\nkind = \"openai\"\nbase_url = \"http://file/v1\"\napi_key = \"key-a\"\n",
      "f", {}, overlay);
  ASSERT_TRUE(loaded) << all_errors(loaded);
  const auto& providers = (*loaded)->providers;
  ASSERT_EQ(providers.size(), 3u);
  EXPECT_EQ(providers[0].base_url.host, "stored");
  EXPECT_EQ(providers[0].origin, Origin::stored);
  EXPECT_TRUE(providers[0].in_file);
  EXPECT_EQ(providers[0].api_key.reveal(), "key-a");
  EXPECT_EQ(providers[1].id, "p2");
  EXPECT_FALSE(providers[1].in_file);
  EXPECT_EQ(providers[2].origin, Origin::built_in);
}

TEST(Overlay, AStoredKeyBeatsTheFiles) {
  Overlay overlay;
  overlay.provider_key = [](std::string_view id) { return id == "file-a" ? Secret("stored-key") : Secret(); };
  const auto loaded = load(
      "[[providers]]\nname = \"a\"\nkind = \"openai\"\nbase_url = \"http://file/v1\"\napi_key = \"key-a\"\n",
      "f", {}, overlay);
  ASSERT_TRUE(loaded) << all_errors(loaded);
  EXPECT_EQ((*loaded)->providers[0].api_key.reveal(), "stored-key");
  EXPECT_EQ((*loaded)->providers[0].key_from, "stored");
}

TEST(Overlay, AStoredModelTakesThePlaceOfTheFilesAndAPinAloneDoesNot) {
  const auto model_table = [](std::string name, std::int64_t slots) {
    return Table{{"name", text(std::move(name)), 0},
                 {"engine", text("llama-server"), 0},
                 {"file", text("/stored.gguf"), 0},
                 {"slots", {slots, 0}, 0}};
  };
  Overlay overlay;
  overlay.models = {{"m1", model_table("a", 3)}, {"m2", model_table("c", 4)}};
  overlay.model_pins = {{"a", true}, {"b", true}, {"gone", true}};
  const auto loaded = load(
      "[[models]]\nname = 'a'\nengine = 'vllm'\nfile = '/file'\n"
      "[[models]]\nname = 'b'\nengine = 'vllm'\nfile = '/file'\n",
      "f", {}, overlay);
  ASSERT_TRUE(loaded) << all_errors(loaded);
  const auto& models = (*loaded)->models;
  ASSERT_EQ(models.size(), 3u);
  EXPECT_EQ(models[0].slots, 3u);
  EXPECT_EQ(models[0].id, "m1");
  EXPECT_EQ(models[0].origin, Origin::stored);
  EXPECT_TRUE(models[0].in_file);
  EXPECT_FALSE(models[0].pinned) << "what is stored says it itself";
  EXPECT_EQ(models[1].id, file_model_id("b"));
  EXPECT_EQ(models[1].origin, Origin::file);
  EXPECT_TRUE(models[1].pinned);
  EXPECT_TRUE(models[1].pin_stored);
  EXPECT_EQ(models[2].name, "c");
  EXPECT_FALSE(models[2].in_file);
}

TEST(Overlay, NothingStoredAllowsCommandsThroughTheApi) {
  Overlay overlay;
  overlay.pool = {{"commands_by_api", {true, 0}, 0}};
  const auto loaded = load("", "f", {}, overlay);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error()[0].key, "pool.commands_by_api");
}

TEST(Overlay, AStoredRuleTakesThePlaceOfTheFilesByItsId) {
  const std::string_view file =
      "[[rules]]\npriority = 1\nmatch = \"exact\"\npattern = \"m\"\ntargets = [{ provider = \"sim\" }]\n";
  const auto plain = load(std::string(file) + "\n", "f", {});
  ASSERT_TRUE(plain) << all_errors(plain);
  const std::string id = (*plain)->rules[0].id;
  Overlay overlay;
  overlay.rules = {{id, rule_table(5, "m", "sim")}, {"r2", rule_table(2, "n", "sim")}};
  const auto loaded = load(file, "f", {}, overlay);
  ASSERT_TRUE(loaded) << all_errors(loaded);
  const auto& rules = (*loaded)->rules;
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0].priority, 5);
  EXPECT_EQ(rules[0].origin, Origin::stored);
  EXPECT_TRUE(rules[0].in_file);
  EXPECT_EQ(rules[1].id, "r2");
}

TEST(Overlay, EqualRulesOfTheFileHaveIdsOfTheirOwn) {
  const std::string rule =
      "[[rules]]\npriority = 1\nmatch = \"exact\"\npattern = \"m\"\ntargets = [{ provider = \"sim\" }]\n";
  const auto loaded = load(rule + rule, "f", {});
  ASSERT_TRUE(loaded) << all_errors(loaded);
  EXPECT_NE((*loaded)->rules[0].id, (*loaded)->rules[1].id);
}

TEST(Overlay, AStoredProviderHoldsNoKeyInItsTable) {
  Overlay overlay;
  overlay.providers = {{"p1", provider_table("a", "http://stored/v1")}};
  overlay.providers[0].table.push_back({"api_key", text("secret"), 0});
  const auto loaded = load("", "f", {}, overlay);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error()[0].key, "providers[p1].api_key");
  EXPECT_EQ(all_errors(loaded).find("secret"), std::string::npos);
}

}  // namespace
}  // namespace punctual::config
