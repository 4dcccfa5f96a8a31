// What a local model will take of the machine's memory, before it is loaded: as configured, or estimated from
// the header of its GGUF file, or nothing where neither is known.
#pragma once

#include <cstdint>
#include <string>

#include "config/pool.hpp"

namespace punctual::pool {

struct MemoryNeed {
  std::uint64_t bytes = 0;
  std::string words;    // "4.1 GiB weights + 0.9 GiB for the context + ... = 5.3 GiB"
  std::string problem;  // a sentence: it cannot be loaded at all; empty: it can
};

MemoryNeed memory_need(const config::LocalModel& model);

// How many bytes all engines together may take of a machine with so many.
std::uint64_t limit_in_bytes(const config::MemoryLimit& limit, std::uint64_t machine_bytes);

}  // namespace punctual::pool
