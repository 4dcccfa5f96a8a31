// What an engine says of the work that it has, read out of its answer.
//
// - llama-server: GET /slots, a list of slots with `is_processing`.
// - vLLM: GET /metrics (Prometheus text), `vllm:num_requests_running` and `vllm:num_requests_waiting`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/pool.hpp"
#include "json/reader.hpp"

namespace punctual::pool {

// Where the engine is asked, from its root; "": it cannot be asked.
std::string_view work_path(config::Engine engine);

// How many requests the engine has, those that wait in it too. Nothing: the answer is not what it should be.
std::optional<std::uint32_t> requests_in(config::Engine engine, std::string& answer, json::Reader& reader);

}  // namespace punctual::pool
