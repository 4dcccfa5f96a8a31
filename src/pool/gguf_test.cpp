#include "pool/gguf.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>

#include "base/temporary_folder_testing.hpp"
#include "pool/gguf_testing.hpp"
#include "pool/gguf_types.hpp"

namespace punctual::pool {
namespace {

using testing::HasSubstr;

std::expected<Gguf, std::string> parse(const std::string& bytes) {
  std::istringstream file(bytes);
  return parse_gguf(file, bytes.size(), "m.gguf");
}

std::string error_of(const std::string& bytes) {
  const auto gguf = parse(bytes);
  return gguf ? "" : gguf.error();
}

GgufText llama() {
  GgufText file;
  file.text("general.architecture", "llama")
      .text("general.name", "Small \x1b[1m")
      .number("general.file_type", 15)
      .number("llama.block_count", 4)
      .number("llama.context_length", 8192)
      .number("llama.embedding_length", 256)
      .number("llama.feed_forward_length", 768)
      .number("llama.attention.head_count", 8)
      .number("llama.attention.head_count_kv", 2)
      .texts("tokenizer.ggml.tokens", {"a", "b", "c"})
      .text("tokenizer.chat_template", std::string(100'000, 'x'))
      .tensor("a", {256, 2}, 12, 0)  // Q4_K: 288 bytes
      .tensor("b", {3}, 0, 288);     // F32: 12 bytes
  return file;
}

TEST(Gguf, SaysWhatAModelIs) {
  const auto gguf = parse(llama().bytes(320));
  ASSERT_TRUE(gguf.has_value()) << gguf.error();
  EXPECT_EQ(gguf->version, 3U);
  EXPECT_EQ(gguf->architecture, "llama");
  EXPECT_EQ(gguf->name, "Small \xef\xbf\xbd[1m");
  EXPECT_EQ(gguf->quantisation, "Q4_K_M");
  EXPECT_EQ(gguf->kind, ModelKind::text);
  EXPECT_EQ(gguf->block_count, 4U);
  EXPECT_EQ(gguf->context_length, 8192U);
  EXPECT_EQ(gguf->embedding_length, 256U);
  EXPECT_EQ(gguf->feed_forward_length, 768U);
  EXPECT_EQ(gguf->head_count, 8U);
  EXPECT_EQ(gguf->kv_heads, 8U);
  EXPECT_EQ(gguf->key_length, 32U);
  EXPECT_EQ(gguf->value_length, 32U);
  EXPECT_EQ(gguf->vocabulary_size, 3U);
  EXPECT_TRUE(gguf->is_causal);
  EXPECT_TRUE(gguf->has_chat_template);
  EXPECT_EQ(gguf->tensor_bytes, 320U);
  EXPECT_EQ(gguf->file_bytes, llama().bytes(320).size());
}

TEST(Gguf, LayersMayDiffer) {
  auto file = llama();
  file.numbers("llama.attention.head_count_kv", {2, 0, 4, 0})
      .numbers("llama.feed_forward_length", {100, 900, 10, 0})
      .number("llama.attention.key_length", 64)
      .number("llama.attention.value_length", 16);
  const auto gguf = parse(file.bytes(320));
  ASSERT_TRUE(gguf.has_value());
  EXPECT_EQ(gguf->kv_heads, 6U);
  EXPECT_EQ(gguf->feed_forward_length, 900U);
  EXPECT_EQ(gguf->key_length, 64U);
  EXPECT_EQ(gguf->value_length, 16U);
}

TEST(Gguf, TheArchitectureMayComeLast) {
  GgufText file;
  file.version = 2;
  file.number("qwen3.block_count", 3)
      .number("qwen3.attention.head_count", 5)
      .text("general.architecture", "qwen3");
  const auto gguf = parse(file.bytes());
  ASSERT_TRUE(gguf.has_value());
  EXPECT_EQ(gguf->block_count, 3U);
  EXPECT_EQ(gguf->kv_heads, 15U);
}

TEST(Gguf, TellsKindsApart) {
  const auto kind = [](const GgufText& file) {
    const auto gguf = parse(file.bytes());
    return gguf ? name_of(gguf->kind) : "error";
  };
  EXPECT_EQ(kind(GgufText().text("general.architecture", "bert")), "embedding");
  EXPECT_EQ(kind(GgufText().text("general.architecture", "qwen3").number("qwen3.pooling_type", 3)),
            "embedding");
  EXPECT_EQ(kind(GgufText().text("general.architecture", "qwen3").number("qwen3.pooling_type", 4)), "rerank");
  EXPECT_EQ(kind(GgufText().text("general.architecture", "qwen3").number("qwen3.pooling_type", 0)), "text");
  EXPECT_EQ(kind(GgufText().text("general.architecture", "x").boolean("x.attention.causal", false)),
            "embedding");
  EXPECT_EQ(kind(GgufText().text("general.architecture", "clip")), "projector");
  const auto projector =
      parse(GgufText().text("general.architecture", "clip").boolean("clip.has_vision_encoder", true).bytes());
  EXPECT_TRUE(projector->has_vision);
  EXPECT_FALSE(projector->has_audio);
}

TEST(Gguf, ErrorsSayWhatIsWrong) {
  EXPECT_EQ(error_of(""), "m.gguf is empty");
  EXPECT_EQ(error_of("GGUF"), "m.gguf is not a GGUF file: it has 4 bytes only");
  EXPECT_EQ(error_of("<!DOCTYPE html>"),
            "m.gguf is not a GGUF file: it begins with \"<!DO\", not with \"GGUF\"");
  EXPECT_EQ(error_of(std::string("GGUF\0\0\0\3", 8)), "m.gguf is a GGUF file for big-endian machines");
  EXPECT_EQ(error_of(std::string("GGUF\1\0\0\0", 8)),
            "m.gguf is a GGUF file of version 1; versions 2 and 3 can be read");
  EXPECT_EQ(error_of(llama().bytes(100)),
            "m.gguf is truncated: its tensors take 300 bytes, and 100 are there");
}

TEST(Gguf, EveryTruncationIsSeen) {
  const auto whole = llama().bytes(300);
  for (std::size_t size = 8; size < whole.size(); size += size < 1000 || size + 400 > whole.size() ? 1 : 997)
    EXPECT_THAT(error_of(whole.substr(0, size)), HasSubstr("m.gguf is truncated: ")) << size;
}

TEST(Gguf, ImpossibleCountsAreRefused) {
  const std::uint64_t huge = ~std::uint64_t{0} / 2;
  EXPECT_THAT(error_of(GgufText().begin_array("a", 4, huge).bytes(100)), HasSubstr("truncated"));
  EXPECT_THAT(error_of(GgufText().begin_array("a", 8, huge).bytes(100)), HasSubstr("truncated"));
  EXPECT_THAT(error_of(GgufText().begin_array("a", 77, 1).bytes(100)), HasSubstr("unknown type 77"));
  EXPECT_THAT(error_of(GgufText().tensor("t", {huge, huge}, 0, 0).bytes(100)), HasSubstr("impossible size"));
  EXPECT_THAT(error_of(GgufText().tensor("t", {1}, 0, ~std::uint64_t{0}).bytes(100)),
              HasSubstr("impossible size"));
  EXPECT_THAT(error_of(GgufText().tensor("t", std::vector<std::uint64_t>(9, 1), 0, 0).bytes(100)),
              HasSubstr("9 dimensions"));
}

TEST(Gguf, AHeaderThatIsTooLargeIsRefused) {
  auto bytes = GgufText().begin_array("a", 4, header_bytes_max / 4).bytes();
  std::istringstream file(bytes);
  const auto gguf = parse_gguf(file, header_bytes_max * 4, "m.gguf");
  ASSERT_FALSE(gguf.has_value());
  EXPECT_EQ(gguf.error(), "m.gguf has a header of more than 64 MiB");
}

TEST(Gguf, QuantisationsHaveNames) {
  EXPECT_EQ(quantisation_name(1), "F16");
  EXPECT_EQ(quantisation_name(7), "Q8_0");
  EXPECT_EQ(quantisation_name(1024 + 18), "Q6_K");
  EXPECT_EQ(quantisation_name(4), "type 4");
  EXPECT_EQ(quantisation_name(99), "type 99");
  EXPECT_EQ(tensor_type(39).block_bytes, 17U);
  EXPECT_EQ(tensor_type(12).block_bytes, 144U);
  EXPECT_EQ(tensor_type(30).block_bytes, 2U);
  EXPECT_EQ(tensor_type(35).block_bytes, 66U);
  EXPECT_EQ(tensor_type(29).block_bytes, 56U);
  EXPECT_EQ(tensor_type(4).block_elements, 0U);
  EXPECT_EQ(tensor_type(40).block_elements, 0U);
}

class GgufFiles : public testing::Test {
 protected:
  std::filesystem::path put(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return folder / name;
  }
  base::TemporaryFolder folder;
};

TEST_F(GgufFiles, AreRead) {
  const auto gguf = read_gguf(put("a.gguf", llama().bytes(320)));
  ASSERT_TRUE(gguf.has_value()) << gguf.error();
  EXPECT_EQ(gguf->block_count, 4U);
  EXPECT_EQ(gguf->parts, 1U);
}

TEST_F(GgufFiles, InPartsAreSummed) {
  const auto first = llama().bytes(320);
  const auto second = GgufText().tensor("c", {8}, 0, 0).bytes(32);
  const auto path = put("m-00001-of-00002.gguf", first);
  EXPECT_THAT(read_gguf(path).error(), HasSubstr("m-00002-of-00002.gguf cannot be read: No such file"));
  const auto last = put("m-00002-of-00002.gguf", second);
  const auto gguf = read_gguf(path);
  ASSERT_TRUE(gguf.has_value()) << gguf.error();
  EXPECT_EQ(gguf->parts, 2U);
  EXPECT_EQ(gguf->file_bytes, first.size() + second.size());
  EXPECT_EQ(gguf->tensor_bytes, 352U);
  EXPECT_EQ(gguf->architecture, "llama");
  EXPECT_THAT(read_gguf(last).error(), HasSubstr("is part 2 of 2; name the first, m-00001-of-00002.gguf"));
}

TEST_F(GgufFiles, ThatAreNoneSayWhy) {
  EXPECT_THAT(read_gguf(folder / "none.gguf").error(), HasSubstr("none.gguf cannot be read: No such file"));
  EXPECT_THAT(read_gguf(folder.path()).error(), HasSubstr("is a folder"));
}

// The models that the engine of the tests makes for itself, where it has.
TEST(GgufOfTheTestEngine, IsRead) {
  const auto* given = std::getenv("PUNCTUAL_ENGINE_MODELS");
  const std::filesystem::path folder = given ? given : "build/engine-models";
  if (!std::filesystem::exists(folder / "chain.gguf")) GTEST_SKIP() << "no models in " << folder;
  const auto chain = read_gguf(folder / "chain.gguf");
  ASSERT_TRUE(chain.has_value()) << chain.error();
  EXPECT_EQ(chain->architecture, "llama");
  EXPECT_EQ(chain->quantisation, "F32");
  EXPECT_EQ(chain->kind, ModelKind::text);
  EXPECT_EQ(chain->block_count, 2U);
  EXPECT_EQ(chain->kv_heads, 6U);
  EXPECT_EQ(chain->key_length, 64U);
  EXPECT_GT(chain->vocabulary_size, 256U);
  EXPECT_GT(chain->tensor_bytes, 1'000'000U);
  const auto embed = read_gguf(folder / "embed.gguf");
  ASSERT_TRUE(embed.has_value()) << embed.error();
  EXPECT_EQ(embed->kind, ModelKind::embedding);
  EXPECT_FALSE(embed->is_causal);
}

}  // namespace
}  // namespace punctual::pool
