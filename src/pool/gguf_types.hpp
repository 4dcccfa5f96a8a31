// Names and sizes of the types in GGUF files, as ggml numbers them. Constants and pure functions.
#pragma once

#include <cstdint>
#include <string>

namespace punctual::pool {

// general.file_type: "Q4_K_M"; "type 99" when it is unknown to us.
std::string quantisation_name(std::uint64_t file_type);

// Elements of a tensor come in blocks of so many elements and bytes.
struct TensorType {
  std::uint64_t block_elements = 0;  // 0: the type is unknown to us
  std::uint64_t block_bytes = 0;
};
TensorType tensor_type(std::uint32_t number);

}  // namespace punctual::pool
