// A connection between two coroutines of one loop, without a socket: for the built-in simulated upstream, and
// for tests that make the network slow, small or treacherous.
//
// Each direction is a bounded buffer. The options shape what the *peer* of the given end meets.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "net/runtime.hpp"
#include "net/stream.hpp"

namespace punctual::net {

struct MemoryStreamOptions {
  std::size_t capacity_bytes = 64 * 1024;    // a writer is blocked while so much is unread
  std::size_t write_bytes_max = SIZE_MAX;    // one write takes no more (short writes)
  std::size_t read_bytes_max = SIZE_MAX;     // one read gives no more (split messages)
  std::size_t reset_after_bytes = SIZE_MAX;  // the connection breaks once so much was written
  deadline::Duration delay{};                // bytes, and the end, arrive so much later
};

// Two ends; `first_to_second` shapes what the first end writes.
std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> memory_stream_pair(
    Runtime& runtime, const MemoryStreamOptions& first_to_second = {},
    const MemoryStreamOptions& second_to_first = {});

}  // namespace punctual::net
