// Builds the heads of messages that we send.
//
// Field names and values must be free of CR, LF and NUL; what comes from a parsed head is. Appends to a
// string that the caller keeps, so that a connection builds all its heads in the same memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace punctual::http {

class HeadWriter {
 public:
  explicit HeadWriter(std::string& out) : out_(out) {}

  HeadWriter& request(std::string_view method, std::string_view target);
  HeadWriter& status(int status);
  HeadWriter& field(std::string_view name, std::string_view value);
  HeadWriter& field(std::string_view name, std::uint64_t value);
  void end() { out_.append("\r\n"); }

 private:
  std::string& out_;
};

// The reason phrase of RFC 9110 (and RFC 6585); "Unknown" for a status that they do not name.
std::string_view reason_phrase(int status);

// The size line of a chunk of so many bytes: "1f4\r\n".
class ChunkSize {
 public:
  explicit ChunkSize(std::uint64_t bytes);
  std::string_view text() const { return {text_ + begin_, sizeof text_ - begin_}; }

 private:
  char text_[18];
  std::size_t begin_;
};

inline constexpr std::string_view chunk_end = "\r\n";
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace punctual::http
