// The answer's way to the client: head, content in the framing that the client understands, and its end.
//
// Each call is one gathered write at most. What the socket does not take is kept, and until that is gone the
// caller must not write more content: `blocked` says so, `drained` waits for it under the `drain` limit.
// One thread only.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "deadline/watch.hpp"
#include "net/stream.hpp"

namespace punctual::relay {

enum class Framing : std::uint8_t {
  length,   // Content-Length in the head: content as it is
  chunked,  // HTTP/1.1 without a length
  close,    // HTTP/1.0 without a length: the end of the connection is the end
};

class ClientWriter {
 public:
  explicit ClientWriter(net::Stream& stream) : stream_(stream) {}
  ClientWriter(const ClientWriter&) = delete;
  ClientWriter& operator=(const ClientWriter&) = delete;

  // Ready for the next answer on the connection.
  void reset();

  // Takes the head, whole; it is sent together with the first content, or by `flush`.
  void begin(std::string head, int status, Framing framing);
  bool begun() const { return status_ != 0; }
  int status() const { return status_; }
  Framing framing() const { return framing_; }

  // Content, framed as one chunk where chunks are.
  void write(std::span<const std::string_view> content);
  void write(std::string_view content) { write({&content, 1}); }
  // Whole chunks as they came; only in chunked framing.
  void write_framed(std::string_view chunks);
  // The end of the content, with the last content, in one write. No content may follow.
  void end(std::span<const std::string_view> content = {});
  // The same where the last chunk came with the bytes.
  void end_framed(std::string_view chunks);
  // Sends what is held.
  void flush();

  bool blocked() const { return !backlog_.empty(); }
  bool broken() const { return broken_; }
  bool ended() const { return ended_; }
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  deadline::Instant last_write_at() const { return last_write_at_; }
  void note_time(deadline::Instant now) { last_write_at_ = now; }

  // Until nothing is held back. False when the watch was interrupted or the connection broke.
  base::Task<bool> drained(deadline::Watch& watch);

 private:
  void send(std::span<const std::string_view> pieces);
  bool push_backlog();

  net::Stream& stream_;
  std::string head_;
  std::string backlog_;
  std::vector<std::string_view> pieces_;
  std::uint64_t bytes_sent_ = 0;
  deadline::Instant last_write_at_{};
  int status_ = 0;
  Framing framing_ = Framing::length;
  bool broken_ = false;
  bool ended_ = false;
};

}  // namespace punctual::relay
