#include "pool/memory_estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace punctual::pool {

namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr double gibibyte = 1024.0 * 1024 * 1024;
constexpr std::uint64_t engine_bytes_usual = 64 * mebibyte;
// The vocabulary in the engine's memory: text, score and two indexes.
constexpr std::uint64_t token_bytes = 160;

// A header may say anything; what is beyond this fits nowhere.
std::uint64_t as_bytes(double bytes) {
  constexpr double bytes_max = 1024.0 * 1024 * gibibyte;
  return static_cast<std::uint64_t>(std::clamp(std::ceil(bytes), 0.0, bytes_max));
}

std::string in_unit(std::uint64_t bytes, bool in_gibibytes) {
  if (in_gibibytes) return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / gibibyte);
  return fmt::format("{:.0f} MiB", static_cast<double>(bytes) / static_cast<double>(mebibyte));
}

}  // namespace

std::uint64_t MemoryEstimate::total_bytes() const {
  std::uint64_t total = 0;
  for (const auto bytes : {weights_bytes, projector_bytes, cache_bytes, compute_bytes, engine_bytes}) {
    if (__builtin_add_overflow(total, bytes, &total)) return std::numeric_limits<std::uint64_t>::max();
  }
  return total;
}

MemoryEstimate estimate_memory(const Gguf& model, const EstimateOptions& options) {
  MemoryEstimate estimate;
  estimate.weights_bytes = model.file_bytes;
  if (options.projector) estimate.projector_bytes = options.projector->file_bytes;
  estimate.context = options.context == 0 ? model.context_length : options.context;
  estimate.slots = std::max<std::uint64_t>(options.slots, 1);

  const double tokens = static_cast<double>(estimate.context) * static_cast<double>(estimate.slots);
  if (model.is_causal) {
    const double elements = static_cast<double>(model.kv_heads) *
                            (static_cast<double>(model.key_length) + static_cast<double>(model.value_length));
    estimate.cache_bytes = as_bytes(elements * tokens * options.cache_bytes_per_element);
  }
  const double row = static_cast<double>(model.vocabulary_size) +
                     8 * static_cast<double>(model.embedding_length) +
                     3 * static_cast<double>(model.feed_forward_length) + tokens;
  estimate.compute_bytes = as_bytes(4 * row * static_cast<double>(options.batch));
  estimate.engine_bytes = engine_bytes_usual + as_bytes(static_cast<double>(model.vocabulary_size) *
                                                        static_cast<double>(token_bytes));
  return estimate;
}

std::string bytes_in_words(std::uint64_t bytes) {
  auto words = in_unit(bytes, static_cast<double>(bytes) >= gibibyte);
  if (const auto zero = words.find(".0 "); zero != std::string::npos) words.erase(zero, 2);
  return words;
}

std::string in_words(const MemoryEstimate& estimate) {
  // One unit for all, so that the terms can be added.
  const bool in_gibibytes = static_cast<double>(estimate.total_bytes()) >= gibibyte;
  auto words = in_unit(estimate.weights_bytes, in_gibibytes) + " weights";
  if (estimate.projector_bytes != 0)
    words += " + " + in_unit(estimate.projector_bytes, in_gibibytes) + " for images";
  if (estimate.cache_bytes != 0) {
    words += fmt::format(" + {} for a context of {}", in_unit(estimate.cache_bytes, in_gibibytes),
                         estimate.context);
    if (estimate.slots > 1) words += fmt::format(" x {} slots", estimate.slots);
  }
  words += " + " + in_unit(estimate.margin_bytes(), in_gibibytes) + " margin";
  return words + " = " + in_unit(estimate.total_bytes(), in_gibibytes);
}

}  // namespace punctual::pool
