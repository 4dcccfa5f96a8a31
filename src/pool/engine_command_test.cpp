#include "pool/engine_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace punctual::pool {
namespace {

using testing::ElementsAre;
using testing::IsSupersetOf;

config::LocalModel model(config::Engine engine, std::string_view url = "unix:/run/e.sock:/v1") {
  config::LocalModel model;
  model.name = "tiny";
  model.engine = engine;
  model.file = "/models/tiny.gguf";
  model.context = 4096;
  model.slots = 2;
  model.provider.base_url = *config::parse_url(url);
  return model;
}

TEST(EngineCommand, LlamaServerIsToldWhatItWouldGuess) {
  auto llama = model(config::Engine::llama_server);
  llama.projector = "/models/eyes.gguf";
  llama.arguments = {"--gpu-layers", "99"};
  const auto words = engine_command(llama);
  EXPECT_EQ(words.front(), "llama-server");
  EXPECT_THAT(words, IsSupersetOf({"-m", "/models/tiny.gguf", "-c", "8192", "-np", "2", "--host",
                                   "/run/e.sock", "--cache-ram", "0", "--mmproj", "/models/eyes.gguf"}));
  EXPECT_EQ(words.back(), "99") << "what the user says comes last, and so wins";
}

TEST(EngineCommand, AProgramOfOnesOwn) {
  auto own = model(config::Engine::command);
  own.command = {"python3", "serve.py", "--socket={socket}", "{file}"};
  own.arguments = {"-n", "{slots}", "{name}{context}"};
  EXPECT_THAT(engine_command(own), ElementsAre("python3", "serve.py", "--socket=/run/e.sock",
                                               "/models/tiny.gguf", "-n", "2", "tiny4096"));
}

TEST(EngineCommand, ThoseThatListenOnAPort) {
  EXPECT_THAT(
      engine_command(model(config::Engine::mlx_lm, "http://127.0.0.1:8090/v1")),
      ElementsAre("mlx_lm.server", "--model", "/models/tiny.gguf", "--host", "127.0.0.1", "--port", "8090"));
  EXPECT_THAT(engine_command(model(config::Engine::vllm)),
              IsSupersetOf({"vllm", "serve", "--uds", "/run/e.sock"}));
}

TEST(EngineCommand, AKeyIsInTheEnvironmentAndNotAmongTheArguments) {
  auto llama = model(config::Engine::llama_server, "http://127.0.0.1:8090/v1");
  EXPECT_THAT(engine_environment(llama), ElementsAre());
  llama.provider.api_key = config::Secret("k1");
  EXPECT_THAT(engine_environment(llama), ElementsAre("LLAMA_API_KEY=k1"));
  EXPECT_THAT(engine_command(llama), testing::Not(testing::Contains(testing::HasSubstr("k1"))));
  auto vllm = model(config::Engine::vllm, "http://127.0.0.1:8090/v1");
  vllm.provider.api_key = config::Secret("k2");
  EXPECT_THAT(engine_environment(vllm), ElementsAre("VLLM_API_KEY=k2"));
}

TEST(EngineCommand, OllamaIsThereAlready) {
  EXPECT_THAT(engine_command(model(config::Engine::ollama)), ElementsAre());
}

}  // namespace
}  // namespace punctual::pool
