#include "pool/memory_estimate.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace punctual::pool {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t gibibyte = 1024 * mebibyte;

// As a model of 8 billion parameters is: 32 layers, 8 heads of 128.
Gguf usual() {
  Gguf model;
  model.context_length = 131072;
  model.embedding_length = 4096;
  model.feed_forward_length = 14336;
  model.block_count = 32;
  model.kv_heads = 32 * 8;
  model.key_length = model.value_length = 128;
  model.vocabulary_size = 128256;
  model.file_bytes = model.tensor_bytes = 4684 * mebibyte;
  return model;
}

TEST(MemoryEstimate, IsTheSumOfItsTerms) {
  const auto estimate = estimate_memory(usual(), {.context = 8192, .slots = 2});
  EXPECT_EQ(estimate.weights_bytes, 4684 * mebibyte);
  EXPECT_EQ(estimate.cache_bytes, 2 * gibibyte);
  EXPECT_EQ(estimate.compute_bytes, 4U * 512 * (128256 + 8 * 4096 + 3 * 14336 + 16384));
  EXPECT_EQ(estimate.total_bytes(), estimate.weights_bytes + estimate.cache_bytes + estimate.margin_bytes());
  EXPECT_EQ(in_words(estimate),
            "4.6 GiB weights + 2.0 GiB for a context of 8192 x 2 slots + 0.5 GiB margin = 7.1 GiB");
}

TEST(MemoryEstimate, WithoutAContextTakesTheTrainedOne) {
  const auto estimate = estimate_memory(usual(), {});
  EXPECT_EQ(estimate.context, 131072U);
  EXPECT_EQ(estimate.cache_bytes, 16 * gibibyte);
}

TEST(MemoryEstimate, ASmallerCacheTakesLess) {
  const auto estimate = estimate_memory(usual(), {.context = 8192, .cache_bytes_per_element = 1.0625});
  EXPECT_EQ(estimate.cache_bytes, 544 * mebibyte);
}

TEST(MemoryEstimate, HasTheProjector) {
  Gguf projector;
  projector.file_bytes = 851 * mebibyte;
  const auto estimate = estimate_memory(usual(), {.context = 4096, .projector = &projector});
  EXPECT_EQ(estimate.projector_bytes, projector.file_bytes);
  EXPECT_EQ(
      in_words(estimate),
      "4.6 GiB weights + 0.8 GiB for images + 0.5 GiB for a context of 4096 + 0.5 GiB margin = 6.4 GiB");
}

TEST(MemoryEstimate, ModelsThatKeepNothingHaveNoCache) {
  Gguf model;
  model.is_causal = false;
  model.kv_heads = 24;
  model.key_length = model.value_length = 64;
  model.context_length = 512;
  model.file_bytes = 80 * mebibyte;
  const auto estimate = estimate_memory(model, {});
  EXPECT_EQ(estimate.cache_bytes, 0U);
  EXPECT_EQ(in_words(estimate), "80 MiB weights + 65 MiB margin = 145 MiB");
}

TEST(MemoryEstimate, HasNoOverflow) {
  auto model = usual();
  model.kv_heads = model.context_length = model.vocabulary_size = std::numeric_limits<std::uint64_t>::max();
  model.file_bytes = std::numeric_limits<std::uint64_t>::max() - 1;
  const auto estimate = estimate_memory(model, {.slots = 1000});
  EXPECT_EQ(estimate.total_bytes(), std::numeric_limits<std::uint64_t>::max());
}

TEST(BytesInWords, AreShort) {
  EXPECT_EQ(bytes_in_words(4 * gibibyte), "4 GiB");
  EXPECT_EQ(bytes_in_words(5 * gibibyte + 300 * mebibyte), "5.3 GiB");
  EXPECT_EQ(bytes_in_words(820 * mebibyte), "820 MiB");
  EXPECT_EQ(bytes_in_words(0), "0 MiB");
}

}  // namespace
}  // namespace punctual::pool
