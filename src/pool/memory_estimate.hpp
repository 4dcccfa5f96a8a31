// What an engine with a model will take of the memory, term by term, before it is started. Pure; bytes.
//
// An estimate for llama.cpp, rather too high than too low: layers with a sliding window count as if they kept
// the whole context. What an engine takes once it runs is measured, and counts instead.
#pragma once

#include <cstdint>
#include <string>

#include "pool/gguf.hpp"

namespace punctual::pool {

struct EstimateOptions {
  std::uint64_t context = 0;  // tokens of a slot; 0: as many as the model was trained for
  std::uint64_t slots = 1;
  std::uint64_t batch = 512;           // tokens that are computed at once
  double cache_bytes_per_element = 2;  // f16; q8_0 takes 1.0625
  const Gguf* projector = nullptr;     // for images, from its own file
};

struct MemoryEstimate {
  std::uint64_t weights_bytes = 0;    // the file: mapped, or read into the memory of a GPU
  std::uint64_t projector_bytes = 0;  // its file
  // Keys and values: 2 x layers x kv_heads x head_dim x context x slots x bytes per element.
  std::uint64_t cache_bytes = 0;
  // Of one batch: logits (vocabulary), activations (8 rows of embedding_length, 3 of feed_forward_length) and
  // the mask of the context, 4 bytes each.
  std::uint64_t compute_bytes = 0;
  // The engine itself: its code, its threads, the vocabulary.
  std::uint64_t engine_bytes = 0;

  std::uint64_t context = 0;  // that was reckoned with, of a slot
  std::uint64_t slots = 1;

  std::uint64_t margin_bytes() const { return compute_bytes + engine_bytes; }
  std::uint64_t total_bytes() const;
};

MemoryEstimate estimate_memory(const Gguf& model, const EstimateOptions& options);

// "4.1 GiB weights + 0.9 GiB for a context of 8192 x 2 slots + 0.3 GiB margin = 5.3 GiB"
std::string in_words(const MemoryEstimate& estimate);

// "4 GiB", "5.3 GiB", "820 MiB"
std::string bytes_in_words(std::uint64_t bytes);

}  // namespace punctual::pool
