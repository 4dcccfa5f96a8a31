// The body of an answer on the wire: its framing, and the ways in which a simulation mishandles it.
//
// Plainly framed bytes go straight into the line's buffer. With `byte_ms` each byte is framed and sent alone;
// with `split` the bytes are cut into chunks and writes at places that look random and are always the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/task.hpp"
#include "sim/behaviour.hpp"
#include "sim/line.hpp"

namespace punctual::sim {

class Body {
 public:
  enum class Framing : std::uint8_t { chunked, as_is };  // as it is: a length in the head, or HTTP/1.0

  Body(Line& line, const Behaviour& behaviour, Framing framing)
      : line_(line), behaviour_(behaviour), framing_(framing) {}

  void add(std::string_view bytes) { add(bytes, {}, 0, {}); }
  // The four in a row, as one chunk; `padding` counts filling bytes.
  void add(std::string_view before, std::string_view word, std::size_t padding, std::string_view after);

  // Marks the end: the last chunk.
  void end() {
    if (framing_ == Framing::chunked) ended_ = true;
  }

  // Sends what was added; false when the line is over.
  base::Task<bool> send();

  // True when so much waits to be sent that it should be.
  bool full() const { return line_.pending_bytes() + raw_.size() >= gathered_bytes_max; }

 private:
  static constexpr std::size_t gathered_bytes_max = 16 * 1024;

  void frame(std::string_view bytes);
  void frame_end();
  base::Task<bool> drip();
  base::Task<bool> scatter();
  std::size_t random_up_to(std::size_t most);

  Line& line_;
  const Behaviour& behaviour_;
  std::string raw_;  // not framed yet: for byte_ms and split alone
  std::uint64_t random_ = 0x9e3779b97f4a7c15u;
  Framing framing_;
  bool ended_ = false;
};

}  // namespace punctual::sim
