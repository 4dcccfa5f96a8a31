// What a model file says of itself: the header of a GGUF file (version 2 or 3, little endian), not its
// tensors.
//
// Reads the files, so not on a loop's thread: a large vocabulary takes some 10 ms from the page cache. At
// most 64 MiB of header; arrays are skipped but for their counts. Errors are sentences that begin with the
// file and say what is wrong.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>

namespace punctual::pool {

enum class ModelKind : std::uint8_t { text, embedding, rerank, projector };
std::string_view name_of(ModelKind kind);

// A number that the file does not give is 0.
struct Gguf {
  std::uint32_t version = 0;
  std::string architecture;
  std::string name;
  std::string quantisation;  // "Q4_K_M"; "" when it is not said, "type 99" when it is unknown to us
  ModelKind kind = ModelKind::text;

  std::uint64_t block_count = 0;
  std::uint64_t context_length = 0;  // that it was trained for
  std::uint64_t embedding_length = 0;
  std::uint64_t feed_forward_length = 0;  // the largest of all layers
  std::uint64_t head_count = 0;           // the largest of all layers
  std::uint64_t kv_heads = 0;             // of all layers together: layers differ, and some have none
  std::uint64_t key_length = 0;           // of a head
  std::uint64_t value_length = 0;         // of a head
  std::uint64_t vocabulary_size = 0;
  bool is_causal = true;  // otherwise it keeps nothing of a context
  bool has_chat_template = false;
  bool has_vision = false;  // of a projector
  bool has_audio = false;   // of a projector

  std::uint64_t parts = 1;
  std::uint64_t tensor_bytes = 0;  // of all parts, as the file_bytes
  std::uint64_t file_bytes = 0;
};

inline constexpr std::uint64_t header_bytes_max = 64 * 1024 * 1024;

// A file in parts ("name-00001-of-00003.gguf") is named by its first one.
std::expected<Gguf, std::string> read_gguf(const std::filesystem::path& path);

// The same for one part; `name` is what errors begin with, `file_bytes` how many there are in `file`.
std::expected<Gguf, std::string> parse_gguf(std::istream& file, std::uint64_t file_bytes,
                                            const std::string& name);

}  // namespace punctual::pool
