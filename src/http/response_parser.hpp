// Reads HTTP/1.1 answers, over llhttp in its strict form, and hands out the content where it lies.
//
// The content is not copied: `feed_body` gives views into the bytes that were fed. When those bytes are whole
// chunks in the plainest framing, they may be passed on as they are, framing included.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/chunk_framing.hpp"
#include "http/head.hpp"
#include "http/head_buffer.hpp"

namespace punctual::http {

struct BodyPieces {
  std::vector<std::string_view> content;
  bool verbatim = false;  // the fed bytes are whole chunks, plainly framed: they may travel unchanged

  void clear() {
    content.clear();
    verbatim = false;
  }
};

class ResponseParser {
 public:
  enum class State : std::uint8_t { head, body, complete, failed };

  ResponseParser();
  ResponseParser(ResponseParser&&) = delete;
  ~ResponseParser();

  // Takes bytes up to the end of the head; skips 1xx answers. Returns how many were used.
  std::size_t feed_head(std::string_view bytes);

  // Takes bytes of the body up to its end; `pieces` is overwritten. Returns how many were used.
  std::size_t feed_body(std::string_view bytes, BodyPieces& pieces);

  // The peer closed the connection: the body may be complete by that, or was cut (State::failed).
  void end_of_stream();

  State state() const { return state_; }
  bool started() const { return state_ != State::head || !buffer_.empty(); }
  const ResponseHead& head() const { return head_; }  // valid from State::body on, until `reset`
  const std::string& error() const { return error_; }
  bool keep_alive() const;  // the connection may be used again; valid in State::complete

  void reset();
  // Frees the memory of the head's text and fields, which `head` then lacks.
  void release_head_text();

 private:
  struct Callbacks;
  struct Machine;

  void finish_head();
  bool read_plain(std::string_view bytes);
  std::size_t feed_plain_body(std::string_view bytes, BodyPieces& pieces);
  bool at_boundary() const;
  bool check_framing(std::string_view bytes, const BodyPieces& pieces);
  void fail(std::string error);

  std::unique_ptr<Machine> machine_;
  HeadBuffer buffer_;
  ChunkFraming framing_;
  ResponseHead head_;
  std::string error_;
  BodyPieces* pieces_ = nullptr;
  std::uint64_t content_bytes_ = 0;
  std::uint64_t raw_bytes_ = 0;
  std::uint64_t plain_bytes_ = 0;
  std::size_t informational_heads_ = 0;
  State state_ = State::head;
  bool plain_ = false;  // without the machine
  bool plain_keep_alive_ = false;
  bool head_done_ = false;
  bool message_done_ = false;
  bool between_chunks_ = true;
};

}  // namespace punctual::http
