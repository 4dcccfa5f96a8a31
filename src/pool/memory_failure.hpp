// Whether an engine that ended while it was loading had run out of memory, as far as its words tell: what
// llama.cpp, vLLM, MLX, CUDA, Metal and the C++ and Python runtimes say then. An engine that the kernel
// killed counts too. Wrong words do no harm: the load is tried once more when others have left, or is not.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace punctual::pool {

// `how` as from process::Exit::text.
bool ran_out_of_memory(std::string_view how, std::span<const std::string> last_lines);

}  // namespace punctual::pool
