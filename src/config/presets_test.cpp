#include "config/presets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "config/test_support.hpp"

namespace punctual::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::shared_ptr<const Configuration> loaded_from(const std::string& text) {
  auto loaded = load(text, "test.toml", {});
  EXPECT_TRUE(loaded) << all_errors(loaded);
  return loaded ? *loaded : std::make_shared<const Configuration>();
}

std::string provider(std::string_view lines) {
  return "[[providers]]\nname = 'a'\n" + std::string(lines);
}

TEST(Presets, AreWholeAndWellFormed) {
  std::set<std::string_view> names;
  for (const Preset& preset : presets()) {
    EXPECT_TRUE(names.insert(preset.name).second) << preset.name;
    EXPECT_EQ(preset_named(preset.name), &preset);
    EXPECT_NE(preset.base_url.empty(), preset.base_url_form.empty()) << preset.name;
    EXPECT_TRUE(parse_url(preset.base_url.empty() ? preset.base_url_form : preset.base_url)) << preset.name;
    EXPECT_TRUE(preset.documentation.starts_with("https://")) << preset.name;
    EXPECT_TRUE(preset.note.ends_with('.')) << preset.name;
    EXPECT_FALSE(preset.title.empty()) << preset.name;
    EXPECT_NE(preset.local, preset.needs_key) << preset.name;
  }
}

TEST(Presets, GiveWhatIsNotWritten) {
  const auto configuration = loaded_from(provider("preset = 'anthropic'"));
  const Provider& anthropic = configuration->providers[0];
  EXPECT_EQ(anthropic.preset, "anthropic");
  EXPECT_EQ(anthropic.kind, ProviderKind::anthropic);
  EXPECT_EQ(anthropic.auth, Auth::x_api_key);
  EXPECT_EQ(anthropic.base_url.text(), "https://api.anthropic.com/v1");
  const auto mistral = loaded_from(provider("preset = 'mistral'"));
  EXPECT_FALSE(mistral->providers[0].quirks.stream_options);
}

TEST(Presets, YieldToWhatIsWritten) {
  const auto configuration = loaded_from(
      provider("preset = 'ollama'\nkind = 'anthropic'\nbase_url = 'http://box:1/v1'\nauth = 'api-key'"));
  const Provider& provider = configuration->providers[0];
  EXPECT_EQ(provider.kind, ProviderKind::anthropic);
  EXPECT_EQ(provider.auth, Auth::api_key);
  EXPECT_EQ(provider.base_url.text(), "http://box:1/v1");
  EXPECT_EQ(provider.quirks.messages_path, "/messages");
}

TEST(Presets, UnknownOnesAreNamedWithTheNearestAndAll) {
  EXPECT_THAT(errors_of(provider("preset = 'olama'")),
              ElementsAre(AllOf(
                  HasSubstr("test.toml:3: providers[0].preset: is \"olama\": did you mean ollama? There are"),
                  HasSubstr("openai, anthropic"), HasSubstr("and lm-studio"))));
  EXPECT_THAT(errors_of(provider("preset = 'something-else'")),
              ElementsAre(AllOf(HasSubstr("write one of openai, "), HasSubstr("or lm-studio"))));
  EXPECT_THAT(errors_of(provider("preset = 5")), ElementsAre(HasSubstr("providers[0].preset: is ")));
}

TEST(Presets, AzureHasNoAddressForAll) {
  EXPECT_THAT(errors_of(provider("preset = 'azure-openai'")),
              ElementsAre("test.toml:1: providers[0].base_url: is missing: preset azure-openai has none that "
                          "fits all, write https://RESOURCE.openai.azure.com/openai/v1"));
}

TEST(Presets, NoneIsNeeded) {
  const auto configuration =
      loaded_from(provider("preset = ''\nkind = 'openai'\nbase_url = 'http://a'\nauth = 'none'"));
  EXPECT_EQ(configuration->providers[0].preset, "");
  EXPECT_EQ(configuration->providers[0].auth, Auth::none);
  EXPECT_EQ(configuration->providers[0].quirks.max_tokens_member, "max_tokens");
}

TEST(ProviderAuth, FollowsTheKindWhereNothingIsWritten) {
  const auto configuration = loaded_from(provider("kind = 'anthropic'\nbase_url = 'http://a'"));
  EXPECT_EQ(configuration->providers[0].auth, Auth::x_api_key);
  EXPECT_THAT(errors_of(provider("preset = 'groq'\nauth = 'basic'")),
              ElementsAre(HasSubstr("is \"basic\": write bearer, x-api-key, api-key or none")));
  EXPECT_THAT(errors_of(provider("preset = 'groq'\nauth = 'none'\napi_key = 'k'")),
              ElementsAre(HasSubstr("is \"none\", and there is a key: take one of the two away")));
  EXPECT_THAT(
      errors_of(provider("preset = 'groq'\nauth = 'api-key'\napi_key = 'k'\nheaders = { Api-Key = 'x' }")),
      ElementsAre(HasSubstr("is a second credential")));
}

TEST(ProviderCounts, AreBounded) {
  const auto configuration = loaded_from(provider("preset = 'vllm'"));
  EXPECT_EQ(configuration->providers[0].in_flight_max, 0u);
  EXPECT_EQ(configuration->providers[0].waiting_max, 100u);
  const auto given = loaded_from(provider("preset = 'vllm'\nin_flight_max = 4\nwaiting_max = 0"));
  EXPECT_EQ(given->providers[0].in_flight_max, 4u);
  EXPECT_EQ(given->providers[0].waiting_max, 0u);
  EXPECT_EQ(given->providers[0].own_limit, std::nullopt);
  const auto limited = loaded_from(provider("preset = 'vllm'\nown_limit_seconds = 0.5"));
  EXPECT_EQ(limited->providers[0].own_limit, std::chrono::milliseconds(500));
  EXPECT_EQ(loaded_from(provider("preset = 'vllm'\nown_limit_seconds = 0"))->providers[0].own_limit,
            std::nullopt);
  for (const auto* bad :
       {"own_limit_seconds = -1", "in_flight_max = -1", "waiting_max = 100001", "in_flight_max = 'x'"})
    EXPECT_EQ(errors_of(provider(std::string("preset = 'vllm'\n") + bad)).size(), 1u) << bad;
}

}  // namespace
}  // namespace punctual::config
