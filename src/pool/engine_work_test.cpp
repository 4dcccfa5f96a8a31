#include "pool/engine_work.hpp"

#include <gtest/gtest.h>

namespace punctual::pool {
namespace {

using config::Engine;

std::optional<std::uint32_t> requests(Engine engine, std::string answer) {
  json::Reader reader;
  return requests_in(engine, answer, reader);
}

TEST(EngineWork, LlamaServerTellsItsSlots) {
  EXPECT_EQ(requests(Engine::llama_server,
                     R"([{"id":0,"n_ctx":512,"is_processing":true},{"id":1,"is_processing":false}])"),
            1U);
  EXPECT_EQ(requests(Engine::command, "[]"), 0U);
}

TEST(EngineWork, AnotherAnswerIsNone) {
  EXPECT_EQ(requests(Engine::llama_server, R"({"error":{"message":"Loading model"}})"), std::nullopt);
  EXPECT_EQ(requests(Engine::llama_server, R"([{"id":0}])"), std::nullopt);
  EXPECT_EQ(requests(Engine::llama_server, "<html>"), std::nullopt);
  EXPECT_EQ(requests(Engine::vllm, "# nothing of that\nvllm:num_requests_running_total 4\n"), std::nullopt);
  EXPECT_EQ(requests(Engine::vllm, "vllm:num_requests_running{} many\n"), std::nullopt);
}

TEST(EngineWork, VllmCountsWhatRunsAndWhatWaits) {
  EXPECT_EQ(requests(Engine::vllm,
                     "# HELP vllm:num_requests_running Number of requests in model execution batches.\n"
                     "# TYPE vllm:num_requests_running gauge\n"
                     "vllm:num_requests_running{engine=\"0\",model_name=\"a b\"} 2.0\n"
                     "vllm:num_requests_running{engine=\"1\",model_name=\"a b\"} 1.0\n"
                     "vllm:num_requests_waiting{engine=\"0\",model_name=\"a b\"} 1.0\n"),
            4U);
}

TEST(EngineWork, OllamaAndMlxCannotBeAsked) {
  EXPECT_EQ(work_path(Engine::ollama), "");
  EXPECT_EQ(work_path(Engine::mlx_lm), "");
  EXPECT_EQ(work_path(Engine::command), "/slots");
}

}  // namespace
}  // namespace punctual::pool
