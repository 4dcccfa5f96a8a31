#include "discovery/recognise.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace punctual::discovery {
namespace {

using ::testing::ElementsAre;

Answer good(std::string body, std::string server = "") {
  return {200, std::move(server), std::move(body)};
}

TEST(Recognise, LlamaServerAndVllmByTheOwnerOfEveryModel) {
  const auto llama = read_model_list(
      good(R"({"object":"list","data":[{"id":"m","object":"model","created":1,"owned_by":"llamacpp"}]})"));
  EXPECT_EQ(llama.kind, ServerKind::llama_server);
  EXPECT_THAT(llama.models, ElementsAre("m"));
  const auto vllm = read_model_list(
      good(R"({"object":"list","data":[{"id":"a","owned_by":"vllm"},{"id":"b","owned_by":"vllm"}]})"));
  EXPECT_EQ(vllm.kind, ServerKind::vllm);
  EXPECT_EQ(vllm.model_count, 2u);
  const auto mixed = read_model_list(
      good(R"({"object":"list","data":[{"id":"a","owned_by":"vllm"},{"id":"b","owned_by":"someone"}]})"));
  EXPECT_TRUE(mixed.good);
  EXPECT_EQ(mixed.kind, std::nullopt) << "a gateway in front of one";
}

TEST(Recognise, ALlamaServerThatIsLoading) {
  const std::string loading =
      R"({"error":{"message":"Loading model","type":"unavailable_error","code":503}})";
  EXPECT_EQ(read_model_list({503, "", loading}).kind, ServerKind::llama_server);
  EXPECT_FALSE(read_model_list({503, "", R"({"error":{"message":"busy"}})"}).good);
}

TEST(Recognise, AnythingElseIsNothing) {
  for (const auto* body : {"", "<html>hello</html>", "[]", "{}", R"({"data":[]})", R"({"object":"list"})",
                           R"({"object":"list","data":{}})", R"({"object":"list","data":[1]})",
                           R"({"object":"list","data":[{"name":"no id"}]})"}) {
    EXPECT_FALSE(read_model_list(good(body)).good) << body;
  }
  EXPECT_FALSE(read_model_list({404, "", R"({"object":"list","data":[]})"}).good);
  EXPECT_FALSE(read_model_list({}).good);
}

TEST(Recognise, OllamaByItsOwnApi) {
  const auto version = good(R"({"version":"0.12.3"})");
  const auto tags = good(R"({"models":[{"name":"llama3.2:latest","digest":"a80c4f17acd5"}]})");
  EXPECT_EQ(ollama_version(version, tags), "0.12.3");
  EXPECT_EQ(ollama_version(version, good(R"({"models":[]})")), "0.12.3");
  EXPECT_EQ(ollama_version(good(R"({"version":3})"), tags), std::nullopt);
  EXPECT_EQ(ollama_version(version, good(R"({"models":[{"name":"x"}]})")), std::nullopt);
  EXPECT_EQ(ollama_version(version, {404, "", "{}"}), std::nullopt);
}

TEST(Recognise, LmStudioAndMlx) {
  EXPECT_TRUE(is_lm_studio(
      good(R"({"data":[{"id":"q","object":"model","type":"llm","publisher":"lm","state":"not-loaded"}]})")));
  EXPECT_FALSE(is_lm_studio(good(R"({"data":[]})")));
  EXPECT_FALSE(is_lm_studio(good(R"({"data":[{"id":"q","type":"llm"}]})")));
  const auto mlx = good(R"({"object":"list","data":[{"id":"org/name","object":"model","created":1}]})",
                        "BaseHTTP/0.6 Python/3.12.1");
  EXPECT_TRUE(is_mlx_lm(mlx, read_model_list(mlx)));
  const auto other = good(mlx.body, "uvicorn");
  EXPECT_FALSE(is_mlx_lm(other, read_model_list(other)));
  const auto owned =
      good(R"({"object":"list","data":[{"id":"x","object":"model","created":1,"owned_by":"me"}]})",
           "BaseHTTP/0.6 Python/3.12.1");
  EXPECT_FALSE(is_mlx_lm(owned, read_model_list(owned)));
}

TEST(Recognise, AVersionIsAShortText) {
  EXPECT_EQ(version_in(good(R"({"build_info":"b6500-abc"})"), "build_info"), "b6500-abc");
  EXPECT_EQ(version_in(good(R"({"build_info":")" + std::string(1000, 'x') + "\"}"), "build_info"), "");
  EXPECT_EQ(version_in({500, "", R"({"build_info":"x"})"}, "build_info"), "");
}

}  // namespace
}  // namespace punctual::discovery
