#include "pool/memory_need.hpp"

#include <utility>

#include "pool/memory_estimate.hpp"

namespace punctual::pool {

namespace {

MemoryNeed refused(std::string why) {
  return {0, {}, "The model cannot be loaded: " + std::move(why) + "."};
}

}  // namespace

MemoryNeed memory_need(const config::LocalModel& model) {
  if (model.memory > 0) return {model.memory, bytes_in_words(model.memory) + " (as configured)", {}};
  if (!model.file.ends_with(".gguf")) return {0, "an amount that is not known", {}};
  const auto file = read_gguf(model.file);
  if (!file) return refused(file.error());
  EstimateOptions options{.context = model.context, .slots = model.slots};
  Gguf projector;
  if (!model.projector.empty()) {
    auto read = read_gguf(model.projector);
    if (!read) return refused(read.error());
    projector = std::move(*read);
    options.projector = &projector;
  }
  const auto estimate = estimate_memory(*file, options);
  return {estimate.total_bytes(), in_words(estimate), {}};
}

std::uint64_t limit_in_bytes(const config::MemoryLimit& limit, std::uint64_t machine_bytes) {
  if (limit.bytes > 0) return limit.bytes;
  return static_cast<std::uint64_t>(static_cast<double>(machine_bytes) * limit.fraction);
}

}  // namespace punctual::pool
