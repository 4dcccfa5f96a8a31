#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/test_support.hpp"

namespace punctual::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

std::shared_ptr<const Configuration> loaded_from(const std::string& text,
                                                 const Environment& environment = {}) {
  auto loaded = load(text, "test.toml", environment);
  EXPECT_TRUE(loaded) << all_errors(loaded);
  return loaded ? *loaded : std::make_shared<const Configuration>();
}

TEST(ServerSection, ReadsEveryKey) {
  const auto configuration = loaded_from(R"([server]
listen = ["127.0.0.1:0", "[::1]:81", "unix:/run/punctual.sock"]
threads = 4
data = "/var/lib/punctual"
storage = "postgresql://user@host/db"
admin_token_env = "TOKEN"
open = true
tls_certificate = "cert.pem"
tls_key = "key.pem"
keep_alive_seconds = 7.5
shutdown_seconds = 9
body_bytes_max = "1KiB"
connections_max = 100
error_type_base = "https://example.org/errors/"
request_log = "-"
log_level = "debug"
)");
  const Server& server = configuration->server;
  EXPECT_THAT(server.listen, ElementsAre("127.0.0.1:0", "[::1]:81", "unix:/run/punctual.sock"));
  EXPECT_EQ(server.threads, 4u);
  EXPECT_EQ(server.data, "/var/lib/punctual");
  EXPECT_EQ(server.storage, "postgresql://user@host/db");
  EXPECT_EQ(server.admin_token_env, "TOKEN");
  EXPECT_TRUE(server.open);
  EXPECT_EQ(server.tls_certificate, "cert.pem");
  EXPECT_EQ(server.keep_alive, milliseconds(7500));
  EXPECT_EQ(server.shutdown.duration, seconds(9));
  EXPECT_EQ(server.shutdown.source.text(), "file server.shutdown_seconds");
  EXPECT_EQ(server.body_bytes_max, 1024u);
  EXPECT_EQ(server.connections_max, 100u);
  EXPECT_EQ(server.error_type_base, "https://example.org/errors/");
  EXPECT_EQ(server.request_log, "-");
  EXPECT_EQ(server.log_level, "debug");
}

TEST(ServerSection, EveryKeyIsAVariableToo) {
  const auto configuration =
      loaded_from("[server]\nthreads = 1\nlisten = '127.0.0.1:1'",
                  variables({{"PUNCTUAL_SERVER_LISTEN", "127.0.0.1:2, unix:/run/x.sock"},
                             {"PUNCTUAL_SERVER_THREADS", "2"},
                             {"PUNCTUAL_SERVER_DATA", "/d"},
                             {"PUNCTUAL_SERVER_REQUEST_LOG", "/d/requests.jsonl"},
                             {"PUNCTUAL_SERVER_HOSTS", "a.test, b.test"},
                             {"PUNCTUAL_SERVER_OPEN", "true"},
                             {"PUNCTUAL_SERVER_BODY_BYTES_MAX", "2MiB"},
                             {"PUNCTUAL_SERVER_LOG_LEVEL", "off"}}));
  EXPECT_THAT(configuration->server.listen, ElementsAre("127.0.0.1:2", "unix:/run/x.sock"));
  EXPECT_EQ(configuration->server.threads, 2u);
  EXPECT_EQ(configuration->server.data, "/d");
  EXPECT_EQ(configuration->server.request_log, "/d/requests.jsonl");
  EXPECT_THAT(configuration->server.hosts, ElementsAre("a.test", "b.test"));
  EXPECT_TRUE(configuration->server.open);
  EXPECT_EQ(configuration->server.body_bytes_max, 2u << 20);
  EXPECT_EQ(configuration->server.log_level, "off");
  EXPECT_THAT(configuration->notices, testing::IsEmpty());
}

TEST(ServerSection, ShutdownIsTheDrainLimitUnlessItIsGiven) {
  const auto configuration = loaded_from("[server]\nshutdown_seconds = 0\n[timeouts]\ndrain_seconds = 3");
  EXPECT_EQ(configuration->server.shutdown.duration, seconds(3));
  EXPECT_EQ(configuration->server.shutdown.source.text(), "file timeouts.drain_seconds");
}

TEST(ServerSection, RefusesWhatCannotBe) {
  for (const char* line : {"listen = []",
                           "listen = ''",
                           "listen = '127.0.0.1'",
                           "listen = '127.0.0.1:99999'",
                           "listen = 'unix:x'",
                           "listen = [1]",
                           "listen = 8080",
                           "threads = -1",
                           "threads = 2000",
                           "threads = 1.5",
                           "data = ''",
                           "storage = 'mysql://x'",
                           "tls_key = 'k'",
                           "tls_certificate = 'c'",
                           "keep_alive_seconds = 0",
                           "shutdown_seconds = -1",
                           "body_bytes_max = 0",
                           "body_bytes_max = -5",
                           "body_bytes_max = 'much'",
                           "connections_max = -1",
                           "error_type_base = 'https://x'",
                           "log_level = 'loud'",
                           "open = 'yes'"}) {
    EXPECT_EQ(errors_of(std::string("[server]\n") + line).size(), 1u) << line;
  }
  EXPECT_EQ(errors_of("", variables({{"PUNCTUAL_SERVER_OPEN", "maybe"}})).size(), 1u);
  EXPECT_EQ(errors_of("", variables({{"PUNCTUAL_SERVER_LISTEN", ""}})).size(), 1u);
}

TEST(ServerSection, DoesNotShowTheAddressOfADatabase) {
  const auto errors = errors_of("[server]\nstorage = 'postgres:user:hunter2@host'");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_THAT(errors[0], Not(HasSubstr("hunter2")));
}

std::string rule(std::string_view more) {
  return "[[rules]]\npriority = 1\nmatch = 'exact'\npattern = 'm'\n" + std::string(more);
}

TEST(RulesSection, MissingKeysAreNamed) {
  EXPECT_THAT(
      errors_of("[[rules]]"),
      ElementsAre(HasSubstr("rules[0].match: is missing"), HasSubstr("rules[0].pattern: is missing"),
                  HasSubstr("rules[0].priority: is missing"), HasSubstr("rules[0].targets: is missing")));
  EXPECT_THAT(errors_of(rule("targets = []")), ElementsAre(HasSubstr("rules[0].targets: is empty")));
}

TEST(RulesSection, ATargetsProviderMustExist) {
  EXPECT_THAT(
      errors_of(rule("targets = [{ provider = 'sin' }]")),
      ElementsAre("test.toml:5: rules[0].targets[0].provider: is \"sin\", which is no provider: did you mean "
                  "sim?"));
  EXPECT_THAT(errors_of(rule("targets = [{ provider = 'sim', modle = 'x' }]")),
              ElementsAre("test.toml:5: rules[0].targets[0].modle: is not a known key: did you mean model?"));
  EXPECT_THAT(errors_of(rule("targets = ['sim']")),
              ElementsAre("test.toml:5: rules[0].targets[0]: is text: write a list of tables"));
}

TEST(RulesSection, ABadProviderIsNotReportedASecondTimeByItsRules) {
  EXPECT_THAT(errors_of("[[providers]]\nname = 'a'\nkind = 'openai'\nbase_url = '?'\n" +
                        rule("targets = [{ provider = 'a' }]")),
              ElementsAre(HasSubstr("providers[0].base_url")));
}

TEST(RulesSection, RefusesWhatCannotBe) {
  EXPECT_EQ(errors_of("[[rules]]\npriority='1'\nmatch='like'\npattern=''\ntargets=[{provider='sim'}]").size(),
            3u);
  std::string many = "targets = [";
  for (int i = 0; i < 17; ++i)
    many += "{ provider = 'sim' },";
  EXPECT_THAT(errors_of(rule(many + "]")), ElementsAre(HasSubstr("has 17 targets: give at most 16")));
  EXPECT_EQ(errors_of(rule("targets = [{provider='sim'}]\ntimeouts = { idel_seconds = 1 }")).size(), 1u);
  EXPECT_EQ(errors_of(rule("targets = [{provider='sim', model=''}]")).size(), 1u);
}

TEST(RulesSection, EnabledIsRead) {
  EXPECT_FALSE(loaded_from(rule("enabled = false\ntargets = [{ provider = 'sim' }]"))->rules[0].enabled);
}

TEST(RulesSection, ReadsHowTargetsAreChosen) {
  const auto plain = loaded_from(rule("targets = [{provider='sim'}]"));
  EXPECT_EQ(plain->rules[0].balance, Balance::in_order);
  EXPECT_EQ(plain->rules[0].retries_max, 0u);
  EXPECT_FALSE(plain->rules[0].stream_upstream);
  const auto loaded =
      loaded_from(rule("balance = 'weighted'\nretries_max = 2\nstream_upstream = true\n"
                       "targets = [{provider='sim', weight=3}, {provider='sim', weight=0}]"));
  EXPECT_EQ(loaded->rules[0].balance, Balance::weighted);
  EXPECT_EQ(loaded->rules[0].retries_max, 2u);
  EXPECT_TRUE(loaded->rules[0].stream_upstream);
  EXPECT_EQ(loaded->rules[0].targets[0].weight, 3u);
  EXPECT_EQ(loaded->rules[0].targets[1].weight, 0u);
  EXPECT_THAT(
      errors_of(rule("balance = 'random'\ntargets = [{provider='sim'}]")),
      ElementsAre(HasSubstr("rules[0].balance: is \"random\": write in_order, weighted or least_loaded")));
  EXPECT_EQ(errors_of(rule("retries_max = 11\ntargets = [{provider='sim', weight=-1}]")).size(), 2u);
}

TEST(BreakerSection, ReadsFileAndVariables) {
  const auto loaded = loaded_from(
      "[breaker]\nfailures_in_a_row = 0\nerror_share = 0.25\nopen_seconds = 1.5\n"
      "check_seconds = 0\n[retries]\nshare = 0.1",
      variables({{"PUNCTUAL_BREAKER_CALLS_MIN", "7"}, {"PUNCTUAL_RETRIES_PER_SECOND", "3"}}));
  EXPECT_EQ(loaded->breaker.failures_in_a_row, 0u);
  EXPECT_DOUBLE_EQ(loaded->breaker.error_share, 0.25);
  EXPECT_EQ(loaded->breaker.calls_min, 7u);
  EXPECT_EQ(loaded->breaker.open_for, std::chrono::milliseconds(1500));
  EXPECT_EQ(loaded->breaker.check_every, deadline::Duration::zero());
  EXPECT_DOUBLE_EQ(loaded->retries.share, 0.1);
  EXPECT_DOUBLE_EQ(loaded->retries.per_second, 3);
  EXPECT_THAT(errors_of("[breaker]\nerror_share = 1.5"),
              ElementsAre(HasSubstr("breaker.error_share: is 1.500000: write a number from 0 to 1")));
  EXPECT_EQ(
      errors_of("[breaker]\nwindow_seconds = 0\ncalls_min = -1\n[retries]\nback_off_seconds = -1").size(),
      3u);
}

TEST(PoolSection, ReadsShareBytesAndVariables) {
  EXPECT_EQ(loaded_from("[pool]\nmemory_limit = '64GiB'")->pool.memory_limit.bytes, std::uint64_t{64} << 30);
  EXPECT_DOUBLE_EQ(loaded_from("[pool]\nmemory_limit = '12.5 %'")->pool.memory_limit.fraction, 0.125);
  const auto configuration = loaded_from(
      "", variables({{"PUNCTUAL_POOL_MEMORY_LIMIT", "50%"}, {"PUNCTUAL_POOL_IDLE_UNLOAD_SECONDS", "0"}}));
  EXPECT_DOUBLE_EQ(configuration->pool.memory_limit.fraction, 0.5);
  EXPECT_EQ(configuration->pool.idle_unload.duration, std::nullopt);
  for (const char* value : {"0%", "101%", "-1%", "%", "0", "all"}) {
    EXPECT_EQ(errors_of(std::string("[pool]\nmemory_limit = '") + value + "'").size(), 1u) << value;
  }
}

TEST(ModelsSection, RefusesWhatCannotBe) {
  EXPECT_THAT(
      errors_of("[[models]]\nname = 'm'\nfile = 'f'\nengine = 'lama-server'\nslots = 0"),
      ElementsAre(HasSubstr("models[0].engine: is \"lama-server\": write llama-server, vllm, mlx-lm, ollama "
                            "or command"),
                  HasSubstr("models[0].slots: is 0: write a whole number from 1 to 1024")));
  const std::string one = "[[models]]\nname='m'\nengine='vllm'\nfile='f'\n";
  EXPECT_EQ(errors_of(one + one).size(), 1u);
  EXPECT_THAT(errors_of("[[models]]\nname = 'm'\nengine = 'mlx-lm'\nfile = 'f'"),
              ElementsAre(HasSubstr("models[0].url: is missing")));
  EXPECT_THAT(errors_of("[[models]]\nname = 'm'\nengine = 'command'\ncommand = ['x', '{socket}']\n"
                        "[[rules]]\npriority = 1\nmatch = 'exact'\npattern = 'p'\n"
                        "targets = [{ provider = 'pool', model = 'n' }]"),
              ElementsAre(HasSubstr("is \"n\", which is no local model: known are m")));
  EXPECT_THAT(errors_of("[[providers]]\nname = 'pool'\nkind = 'openai'\nbase_url = 'http://h/v1'"),
              ElementsAre(HasSubstr("the name of the local models")));
}

TEST(ModelsSection, WhereEnginesListen) {
  const auto configuration = loaded_from(
      "[server]\ndata = '/var/lib/punctual'\n"
      "[[models]]\nname = 'a'\nengine = 'llama-server'\nfile = 'a.gguf'\nslots = 3\n"
      "[[models]]\nname = 'b'\nengine = 'ollama'\n"
      "[[models]]\nname = 'c'\nengine = 'mlx-lm'\nfile = 'c'\nurl = 'http://127.0.0.1:8090/v1'\n");
  const auto& models = configuration->models;
  EXPECT_TRUE(models[0].provider.base_url.socket_path.starts_with("/var/lib/punctual/engines/"));
  EXPECT_EQ(models[0].provider.in_flight_max, 3u);
  EXPECT_EQ(models[1].provider.base_url.text(), "http://127.0.0.1:11434/v1");
  EXPECT_EQ(models[2].provider.base_url.port, 8090);
}

TEST(ModelsSection, EnginesThatOthersCouldReachAskForAKey) {
  const auto configuration = loaded_from(
      "[[models]]\nname = 'socket'\nengine = 'llama-server'\nfile = 'a.gguf'\n"
      "[[models]]\nname = 'a'\nengine = 'llama-server'\nfile = 'a.gguf'\nurl = 'http://127.0.0.1:8090/v1'\n"
      "[[models]]\nname = 'b'\nengine = 'vllm'\nfile = 'b'\nurl = 'http://127.0.0.1:8091/v1'\n"
      "[[models]]\nname = 'c'\nengine = 'mlx-lm'\nfile = 'c'\nurl = 'http://127.0.0.1:8092/v1'\n");
  const auto& models = configuration->models;
  EXPECT_TRUE(models[0].provider.api_key.empty());
  EXPECT_EQ(models[1].provider.api_key.reveal().size(), 64u);
  EXPECT_EQ(models[1].provider.auth, Auth::bearer);
  EXPECT_FALSE(models[2].provider.api_key.empty());
  EXPECT_TRUE(models[3].provider.api_key.empty());
}

TEST(ModelsSection, AFileIsNoOption) {
  EXPECT_THAT(
      errors_of("[[models]]\nname = 'm'\nengine = 'vllm'\nfile = '--help'"),
      ElementsAre(HasSubstr("models[0].file: is \"--help\", which an engine would take for an option")));
}

TEST(ModelsSection, TheirOwnIdleTime) {
  const std::string one = "[[models]]\nname = 'm'\nengine = 'vllm'\nfile = 'f'\nidle_unload_seconds = ";
  EXPECT_EQ(loaded_from(one + "5")->models[0].idle_unload->duration, std::chrono::seconds(5));
  EXPECT_EQ(loaded_from(one + "0")->models[0].idle_unload->duration, std::nullopt);
  EXPECT_EQ(errors_of(one + "-1").size(), 1u);
}

TEST(DiscoverySection, PortsAndFolders) {
  const auto given = loaded_from("[discovery]\nports = [1, 65535]\nfolders = ['~/x', '/y']\n");
  EXPECT_THAT(given->discovery.ports, ElementsAre(1, 65535));
  EXPECT_THAT(given->discovery.folders, ElementsAre("~/x", "/y"));
  const auto variable = loaded_from("", variables({{"PUNCTUAL_DISCOVERY_PORTS", "80, 81"}}));
  EXPECT_THAT(variable->discovery.ports, ElementsAre(80, 81));
  EXPECT_TRUE(loaded_from("[discovery]\nports = []\n")->discovery.ports.empty());
  EXPECT_THAT(errors_of("[discovery]\nports = [0]\nfolders = ['x']\n"),
              ElementsAre(HasSubstr("discovery.ports: is 0: write a whole number from 1 to 65535"),
                          HasSubstr("discovery.folders: has \"x\"")));
  EXPECT_THAT(errors_of("[discovery]\nports = ['80']\n"), ElementsAre(HasSubstr("has an item that is text")));
}

TEST(PoolSection, OnlyFileAndEnvironmentAllowCommands) {
  EXPECT_FALSE(loaded_from("")->pool.commands_by_api);
  EXPECT_TRUE(loaded_from("[pool]\ncommands_by_api = true")->pool.commands_by_api);
  EXPECT_TRUE(loaded_from("", variables({{"PUNCTUAL_POOL_COMMANDS_BY_API", "1"}}))->pool.commands_by_api);
}

TEST(Environment, OfThisProcessHasThePath) {
  EXPECT_NE(Environment::of_process().find("PATH"), nullptr);
}

TEST(Environment, SetComesOnTop) {
  Environment environment = variables({{"PUNCTUAL_SERVER_THREADS", "2"}});
  environment.set("PUNCTUAL_SERVER_THREADS", "5");
  EXPECT_EQ(loaded_from("[server]\nthreads = 1", environment)->server.threads, 5u);
}

}  // namespace
}  // namespace punctual::config
