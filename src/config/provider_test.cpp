#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "config/test_support.hpp"

namespace punctual::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string provider(std::string_view more) {
  return "[[providers]]\nname = 'a'\nkind = 'openai'\nbase_url = 'http://a'\n" + std::string(more);
}

std::shared_ptr<const Configuration> loaded_from(const std::string& text,
                                                 const Environment& environment = {}) {
  auto loaded = load(text, "test.toml", environment);
  EXPECT_TRUE(loaded) << all_errors(loaded);
  return loaded ? *loaded : std::make_shared<const Configuration>();
}

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

TEST(Secret, CanBePrintedComparedOrCopiedByNobody) {
  static_assert(!Printable<Secret>);
  static_assert(!std::is_copy_constructible_v<Secret>);
  static_assert(!std::equality_comparable<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string>);
  Secret secret("short");
  EXPECT_EQ(secret.reveal(), "short");
  const Secret moved(std::move(secret));
  EXPECT_EQ(moved.reveal(), "short");
}

TEST(Provider, MissingKeysAreNamed) {
  EXPECT_THAT(errors_of("[[providers]]\n"), ElementsAre("test.toml:1: providers[0].base_url: is missing",
                                                        "test.toml:1: providers[0].kind: is missing",
                                                        "test.toml:1: providers[0].name: is missing"));
}

TEST(Provider, NamesAreSafeUniqueAndNotReserved) {
  for (const char* name : {"", "a/b", "a b", "a\\u0000", "\xc3\xb6", "sim"}) {
    EXPECT_EQ(
        errors_of(std::string("[[providers]]\nkind='openai'\nbase_url='http://a'\nname=\"") + name + "\"")
            .size(),
        1u)
        << name;
  }
  EXPECT_THAT(errors_of(provider("") + provider("")),
              ElementsAre("test.toml:6: providers[1].name: is \"a\", as another provider: choose another"));
}

TEST(Provider, TheSimulatedKindIsNotForFiles) {
  EXPECT_THAT(errors_of("[[providers]]\nname='a'\nkind='simulated'\nbase_url='http://a'"),
              ElementsAre("test.toml:3: providers[0].kind: is \"simulated\": write openai or anthropic"));
}

TEST(ApiKey, AVariableThatIsNotSetOrEmptyIsNamed) {
  EXPECT_THAT(
      errors_of(provider("api_key_env = 'THE_KEY'")),
      ElementsAre(
          "test.toml:5: providers[0].api_key_env: names the variable THE_KEY, which is not set: set it "
          "to the provider's key, or remove this line"));
  EXPECT_THAT(errors_of(provider("api_key_env = 'THE_KEY'"), variables({{"THE_KEY", ""}})),
              ElementsAre(HasSubstr("THE_KEY, which is empty")));
}

TEST(ApiKey, NoErrorShowsIt) {
  for (std::string key : {"hunter2\x01", "hunter2 hunter2", "hunter2\\nx-evil: 1"}) {
    const auto errors = errors_of(provider("api_key = \"" + key + "\""));
    ASSERT_EQ(errors.size(), 1u) << key;
    EXPECT_THAT(errors[0], Not(HasSubstr("hunter2")));
  }
  const auto errors = errors_of(provider("api_key_env = 'THE_KEY'"), variables({{"THE_KEY", "hunter2\nx"}}));
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_THAT(errors[0], Not(HasSubstr("hunter2")));
}

TEST(ApiKey, OnlyOneWayAtATime) {
  EXPECT_THAT(
      errors_of(provider("api_key = 'k'\napi_key_env = 'K'"), variables({{"K", "k"}})),
      ElementsAre("test.toml:6: providers[0].api_key_env: is one of several keys: give one of api_key, "
                  "api_key_env and api_key_file"));
  EXPECT_EQ(errors_of(provider("api_key = 'k'\napi_key_file = '/nowhere'")).size(), 1u);
}

TEST(ApiKey, AFileMustBePrivate) {
  const TemporaryFile open_file("sk-1\n", 0640);
  EXPECT_THAT(errors_of(provider("api_key_file = '" + open_file.path() + "'")),
              ElementsAre(HasSubstr("has mode 0640, so that others can read it: chmod 0600")));
  const TemporaryFile private_file("sk-1\n", 0600);
  const auto configuration = loaded_from(provider("api_key_file = '" + private_file.path() + "'"));
  EXPECT_EQ(configuration->providers[0].api_key.reveal(), "sk-1");
  EXPECT_EQ(configuration->providers[0].key_from, private_file.path());
  EXPECT_THAT(errors_of(provider("api_key_file = '/'")), ElementsAre(HasSubstr("is not a regular file")));
  const TemporaryFile empty("\n", 0600);
  EXPECT_THAT(errors_of(provider("api_key_file = '" + empty.path() + "'")),
              ElementsAre(HasSubstr("is empty")));
  const TemporaryFile large(std::string(20000, 'x'), 0600);
  EXPECT_THAT(errors_of(provider("api_key_file = '" + large.path() + "'")),
              ElementsAre(HasSubstr("is larger than")));
}

TEST(Headers, AreAdded) {
  const auto configuration =
      loaded_from(provider("headers = { OpenAI-Organization = 'org-1', api-key = ' two words ' }"));
  const auto& headers = configuration->providers[0].headers;
  ASSERT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers[0].name, "OpenAI-Organization");
  EXPECT_EQ(headers[1].value, "two words");
}

TEST(Headers, NothingThatWouldChangeTheMessageGetsThrough) {
  for (const char* entry :
       {"\"a b\" = 'x'", "\"\" = 'x'", "\"a\\r\\nb\" = 'x'", "a = \"x\\r\\ny: z\"", "a = \"x\\ny\"",
        "a = \"\\u0000\"", "Host = 'x'", "content-length = '1'", "Transfer-Encoding = 'chunked'",
        "connection = 'close'", "a = 1", "a = 'x', A = 'y'", "\"a:b\" = 'x'"}) {
    EXPECT_EQ(errors_of(provider(std::string("headers = { ") + entry + " }")).size(), 1u) << entry;
  }
}

TEST(Headers, ASecondCredentialIsAnError) {
  EXPECT_EQ(errors_of(provider("api_key = 'k'\nheaders = { Authorization = 'Bearer x' }")).size(), 1u);
  EXPECT_THAT(errors_of(provider("headers = { Authorization = 'Bearer x' }")), IsEmpty());
}

TEST(ProviderTimeouts, ReceiveIsOverBeforeAProviderIsKnown) {
  EXPECT_THAT(errors_of(provider("timeouts = { receive_seconds = 5 }")),
              ElementsAre(HasSubstr("is not a known key")));
  EXPECT_THAT(errors_of(provider("timeouts = { connect_seconds = 0 }")), ElementsAre(HasSubstr("is 0")));
}

TEST(ProviderTimeouts, ReplaceTheWiderScope) {
  const auto configuration = loaded_from(provider("timeouts = { total_seconds = 5000, idle_seconds = 0 }"));
  deadline::Limits limits = configuration->timeouts.limits_for(Endpoint::chat);
  configuration->providers[0].timeouts.apply_to(limits);
  EXPECT_EQ(limits[deadline::Phase::total].duration, std::chrono::seconds(5000));
  EXPECT_EQ(limits[deadline::Phase::total].source.text(), "provider a: total_seconds");
  EXPECT_EQ(limits[deadline::Phase::idle].duration, std::nullopt);
  EXPECT_EQ(limits[deadline::Phase::connect].source.text(), "default");
}

}  // namespace
}  // namespace punctual::config
