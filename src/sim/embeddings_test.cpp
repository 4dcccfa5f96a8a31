#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "sim/test_client.hpp"

namespace punctual::sim {

namespace {

namespace bj = boost::json;

bj::value embeddings(const std::string& members) {
  TestClient client;
  client.post("/v1/embeddings", R"({"model":"sim",)" + members + "}");
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, 200);
  return bj::parse(answer.body);
}

TEST(SimEmbeddings, DependOnTheTextAlone) {
  const auto one = embeddings(R"("input":"a")");
  const auto two = embeddings(R"("input":["b","a"])");
  EXPECT_EQ(one.at("data").as_array().size(), 1u);
  ASSERT_EQ(two.at("data").as_array().size(), 2u);
  EXPECT_EQ(two.at("data").at(1).at("index"), 1);
  EXPECT_EQ(one.at("data").at(0).at("embedding"), two.at("data").at(1).at("embedding"));
  EXPECT_NE(two.at("data").at(0).at("embedding"), two.at("data").at(1).at("embedding"));
  EXPECT_EQ(one.at("data").at(0).at("embedding").as_array().size(), 8u);
  for (const auto& component : one.at("data").at(0).at("embedding").as_array()) {
    EXPECT_LE(component.to_number<double>(), 1);
    EXPECT_GE(component.to_number<double>(), -1);
  }
}

TEST(SimEmbeddings, TakeTokensAndDimensions) {
  EXPECT_EQ(embeddings(R"("input":[1,2,3])").at("data").as_array().size(), 1u);
  EXPECT_EQ(embeddings(R"("input":[[1,2],[3]])").at("data").as_array().size(), 2u);
  const auto sized = embeddings(R"("input":"a","dimensions":3)");
  EXPECT_EQ(sized.at("data").at(0).at("embedding").as_array().size(), 3u);
}

TEST(SimEmbeddings, AreTheSameInBase64) {
  const auto text = std::string(
      embeddings(R"("input":"a","encoding_format":"base64")").at("data").at(0).at("embedding").as_string());
  EXPECT_EQ(text.size(), 44u);  // 32 bytes
  EXPECT_TRUE(text.ends_with("="));
  EXPECT_FALSE(text.ends_with("=="));
}

TEST(SimEmbeddings, RefuseWhatTheyCannotDo) {
  TestClient client;
  for (const char* members : {R"("dimensions":3)", R"("input":"a","dimensions":0)"}) {
    client.post("/v1/embeddings", R"({"model":"sim",)" + std::string(members) + "}");
    EXPECT_EQ(client.answer().status, 400) << members;
  }
}

TEST(SimEmbeddings, WaitPadAndEcho) {
  TestClient client;
  client.post("/embeddings", R"({"model":"sim:ttft_ms=50,bytes=2000,echo","input":"a"})");
  client.advance(49);
  EXPECT_EQ(client.raw(), "");
  client.advance(2);
  const auto answer = client.answer();
  EXPECT_EQ(answer.body.size(), 2000u);
  EXPECT_EQ(bj::parse(bj::parse(answer.body).at("echo").as_string()).at("target"), "/embeddings");
}

}  // namespace

}  // namespace punctual::sim
