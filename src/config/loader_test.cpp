#include "config/loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/test_support.hpp"

namespace punctual::config {
namespace {

using deadline::Phase;
using deadline::SourceKind;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The sample of the interface's contract, as it stands there, and the provider that it speaks of.
constexpr std::string_view sample = R"(
[server]
listen  = "127.0.0.1:8080"    # a list is allowed; "unix:/path" too
threads = 0                   # 0 = one per core
data    = "./data"
storage = "sqlite"            # or "postgresql://user@host/db"
admin_token_env = "PUNCTUAL_ADMIN_TOKEN"   # bearer token for /api, for scripts
open    = false               # /v1 without keys on a non-loopback address: refuses to start unless true
tls_certificate = ""          # PEM; with tls_key serves HTTPS

[timeouts]                    # seconds; names as in timeouts.md
chat_seconds = 900
completions_seconds = 600
embeddings_seconds = 120
receive_seconds = 60
queue_seconds = 0             # 0 = bounded by total
load_seconds = 300
connect_seconds = 10
first_token_seconds = 0
idle_seconds = 120
attempt_seconds = 0
drain_seconds = 60
heartbeat_seconds = 15

[[providers]]
name = "openai"
kind = "openai"               # openai | anthropic  (any server that speaks it)
base_url = "https://api.openai.com/v1"
api_key_env = "OPENAI_API_KEY"  # or api_key, or set in the UI and encrypted at rest
timeouts = { connect_seconds = 5 }

[[rules]]                     # lower priority number = tried first; first match wins
priority = 10
match    = "glob"             # exact | prefix | glob | regex (linear time, no backtracking)
pattern  = "gpt-*"
targets  = [{ provider = "openai" }, { provider = "backup", model = "gpt-4o-mini" }]
timeouts = { first_token_seconds = 30 }

# No rule matches: a local model of that name, then "provider/model", then the only provider
# if there is just one; otherwise 404 that lists what exists.

[pool]
memory_limit = "80%"          # or "64GiB"
idle_unload_seconds = 900

[[models]]                    # local models
name   = "llama-3.2-3b"
engine = "llama-server"       # preset: llama-server | vllm | mlx-lm | ollama | command
file   = "/models/llama-3.2-3b.gguf"
slots  = 2
pinned = false

[[providers]]
name = "backup"
kind = "openai"
base_url = "http://[::1]:8000"
)";

TEST(Loader, LoadsTheSampleOfTheContract) {
  const auto loaded = load(sample, "punctual.toml", variables({{"OPENAI_API_KEY", "sk-test\n"}}));
  ASSERT_TRUE(loaded) << all_errors(loaded);
  const Configuration& configuration = **loaded;
  EXPECT_THAT(configuration.notices, IsEmpty());

  ASSERT_EQ(configuration.providers.size(), 3u);
  const Provider& openai = configuration.providers[0];
  EXPECT_EQ(openai.base_url.text(), "https://api.openai.com/v1");
  EXPECT_EQ(openai.api_key.reveal(), "sk-test");
  EXPECT_EQ(openai.key_from, "OPENAI_API_KEY");
  EXPECT_EQ(openai.timeouts[Phase::connect]->duration, seconds(5));
  EXPECT_EQ(openai.timeouts[Phase::connect]->source.text(), "provider openai: connect_seconds");
  EXPECT_TRUE(configuration.providers[1].api_key.empty());
  EXPECT_EQ(configuration.providers[2].kind, ProviderKind::simulated);
  EXPECT_EQ(configuration.providers[2].name, "sim");

  ASSERT_EQ(configuration.rules.size(), 1u);
  const Rule& rule = configuration.rules[0];
  EXPECT_EQ(rule.priority, 10);
  EXPECT_EQ(rule.match, Match::glob);
  EXPECT_TRUE(rule.enabled);
  ASSERT_EQ(rule.targets.size(), 2u);
  EXPECT_EQ(rule.targets[0].model, "");
  EXPECT_EQ(rule.targets[1].provider, "backup");
  EXPECT_EQ(rule.targets[1].model, "gpt-4o-mini");
  EXPECT_EQ(rule.timeouts[Phase::first_token]->duration, seconds(30));
  EXPECT_EQ(rule.timeouts[Phase::first_token]->source.text(), "rule gpt-*: first_token_seconds");

  ASSERT_EQ(configuration.models.size(), 1u);
  EXPECT_EQ(configuration.models[0].engine, Engine::llama_server);
  EXPECT_EQ(configuration.models[0].slots, 2u);
  EXPECT_DOUBLE_EQ(configuration.pool.memory_limit.fraction, 0.8);
  EXPECT_EQ(configuration.pool.idle_unload.duration, seconds(900));
}

TEST(Loader, NothingGivenIsTheDefaults) {
  const auto loaded = load("", "", {});
  ASSERT_TRUE(loaded) << all_errors(loaded);
  const Configuration& configuration = **loaded;
  EXPECT_THAT(configuration.server.listen, ElementsAre("127.0.0.1:8080"));
  EXPECT_EQ(configuration.server.request_log, "off");
  EXPECT_EQ(configuration.server.shutdown.duration, seconds(60));
  EXPECT_EQ(configuration.server.shutdown.source.text(), "default");
  ASSERT_EQ(configuration.providers.size(), 1u);
  EXPECT_EQ(configuration.provider_named("sim"), &configuration.providers[0]);
  EXPECT_EQ(configuration.provider_named("other"), nullptr);
  EXPECT_THAT(configuration.notices, IsEmpty());
}

TEST(Loader, ReportsEveryErrorInTheOrderOfTheLines) {
  EXPECT_THAT(
      errors_of(R"([server]
threads = "four"
liste = "127.0.0.1:1"
[timeouts]
chat_seconds = -1
[[providers]]
name = "a"
kind = "opnai"
base_url = "nowhere"
timeouts = { conect_seconds = 5 }
colour = 1
[sever]
)"),
      ElementsAre(
          "test.toml:2: server.threads: is text: write a whole number",
          "test.toml:3: server.liste: is not a known key: did you mean listen?",
          "test.toml:5: timeouts.chat_seconds: is negative: write a number of seconds, such as 30 or 0.5",
          "test.toml:8: providers[0].kind: is \"opnai\": write openai or anthropic",
          "test.toml:9: providers[0].base_url: has no scheme: write it as "
          "https://host[:port][/path] or unix:/path/to.sock[:/path]",
          "test.toml:10: providers[0].timeouts.conect_seconds: is not a known key: did you mean "
          "connect_seconds?",
          "test.toml:11: providers[0].colour: is not a known key: known are name, preset, kind, "
          "base_url, auth, api_key, api_key_env, api_key_file, ca_file, headers, in_flight_max, waiting_max, "
          "own_limit_seconds and timeouts",
          "test.toml:12: sever: is not a known key: did you mean server?"));
}

TEST(Loader, NamesFoundAndWantedTypes) {
  EXPECT_THAT(errors_of("server = 1"), ElementsAre("test.toml:1: server: is an integer: write a table"));
  EXPECT_THAT(errors_of("providers = []\nrules = 'x'"),
              ElementsAre("test.toml:2: rules: is text: write a list of tables"));
  EXPECT_THAT(errors_of("[providers]\nname = 'x'"),
              ElementsAre("test.toml:1: providers: is a table: write a list of tables"));
  EXPECT_THAT(errors_of("models = [1]"),
              ElementsAre("test.toml:1: models[0]: is an integer: write a list of tables"));
  EXPECT_THAT(errors_of("[server]\nopen = 1"),
              ElementsAre("test.toml:2: server.open: is an integer: write true or false"));
  EXPECT_THAT(errors_of("[server]\ndata = 1979-05-27"),
              ElementsAre("test.toml:2: server.data: is a date or time: write text in quotes"));
  EXPECT_THAT(errors_of("[timeouts]\nchat_seconds = '9'"),
              ElementsAre("test.toml:2: timeouts.chat_seconds: is text: write a number, such as 30 or 0.5"));
}

TEST(Loader, SaysWhereTheTextIsNoToml) {
  const auto errors = errors_of("[server]\nthreads = \n");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_THAT(errors[0], HasSubstr("test.toml:2: is not valid TOML: "));
  EXPECT_EQ(errors_of("a = 1\na = 2").size(), 1u);
  EXPECT_EQ(errors_of(std::string((1 << 20) + 1, '#')).size(), 1u);
}

TEST(Loader, NotesUnknownVariables) {
  const auto loaded = load("", "",
                           variables({{"PUNCTUAL_TIMEOUT_CHAT_SECOND", "5"},
                                      {"PUNCTUAL_COLOUR", "red"},
                                      {"PUNCTUAL_ADMIN_TOKEN", "t"},
                                      {"PUNCTUAL_TEST_SEED", "1"},
                                      {"HOME", "/home"}}));
  ASSERT_TRUE(loaded) << all_errors(loaded);
  EXPECT_THAT((*loaded)->notices,
              ElementsAre("PUNCTUAL_COLOUR is no setting and is ignored",
                          "PUNCTUAL_TIMEOUT_CHAT_SECOND is no setting and is ignored: did you "
                          "mean PUNCTUAL_TIMEOUT_CHAT_SECONDS?"));
}

TEST(Loader, NotesNoVariableThatTheConfigurationNames) {
  const auto loaded = load(
      "[server]\nadmin_token_env = 'PUNCTUAL_TOKEN'\n"
      "[[providers]]\nname='a'\nkind='openai'\nbase_url='http://a'\napi_key_env='PUNCTUAL_KEY'",
      "", variables({{"PUNCTUAL_TOKEN", "t"}, {"PUNCTUAL_KEY", "k"}}));
  ASSERT_TRUE(loaded) << all_errors(loaded);
  EXPECT_THAT((*loaded)->notices, IsEmpty());
}

TEST(LoadFile, SaysThatAFileIsMissing) {
  const auto loaded = load_file("/nowhere/punctual.toml", {});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(
      all_errors(loaded),
      "/nowhere/punctual.toml: cannot be read (No such file or directory): name a file that can be read\n");
}

TEST(LoadFile, ReadsAFile) {
  const TemporaryFile file("[server]\nthreads = 3\n", 0644);
  const auto loaded = load_file(file.path(), {});
  ASSERT_TRUE(loaded) << all_errors(loaded);
  EXPECT_EQ((*loaded)->server.threads, 3u);
}

TEST(LoadFile, RefusesAFolder) {
  const auto loaded = load_file("/", {});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(all_errors(loaded), HasSubstr("is not a regular file"));
}

}  // namespace
}  // namespace punctual::config
