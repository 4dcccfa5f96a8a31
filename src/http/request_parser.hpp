// Reads one HTTP/1.1 request after the other, over llhttp in its strict form (RFC 9112).
//
// Feed it what arrives; it stops after the head, so that the caller may refuse before the body, and after the
// message, so that a pipelined request stays with the caller. Refused: a length together with
// Transfer-Encoding, two lengths, codings other than chunked, and all that HeadBuffer refuses.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/chunk_framing.hpp"
#include "http/head.hpp"
#include "http/head_buffer.hpp"

namespace punctual::http {

struct ParseError {
  int status = 400;
  std::string detail;  // one sentence, without anything secret
};

class RequestParser {
 public:
  enum class State : std::uint8_t { head, body, complete, failed };
  // Room behind the body, where its length is told: parsers with wide loads need it.
  static constexpr std::size_t body_padding_bytes = 64;

  explicit RequestParser(std::uint64_t body_bytes_max);
  RequestParser(RequestParser&&) = delete;
  ~RequestParser();

  // Returns how many bytes were used: all of them, or up to the end of the head, or of the message.
  std::size_t feed(std::string_view bytes);

  State state() const { return state_; }
  bool started() const { return state_ != State::head || !buffer_.empty(); }

  // Valid from State::body on, until `reset`. The views point into this parser.
  const RequestHead& head() const { return head_; }
  const std::string& body() const { return body_; }
  std::string take_body() { return std::move(body_); }
  const ParseError& error() const { return error_; }

  // Makes ready for the next request on the connection; keeps the memory.
  void reset();
  // Frees the memory of the head's text and fields: what `head` then has are its numbers and its method.
  void release_head_text();

 private:
  struct Callbacks;
  struct Machine;

  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  std::size_t feed_plain_body(std::string_view bytes);
  void finish_head();
  void finish_fields();
  bool read_plain(std::string_view bytes);
  bool read_strictly();
  bool check_framing_until(const char* content);
  void fail(int status, std::string detail);

  std::unique_ptr<Machine> machine_;
  HeadBuffer buffer_;
  ChunkFraming framing_;
  const char* framing_from_ = nullptr;  // of the bytes being fed: not yet looked at
  RequestHead head_;
  std::string body_;
  ParseError error_;
  std::uint64_t body_bytes_max_;
  std::uint64_t body_raw_bytes_ = 0;
  State state_ = State::head;
  bool plain_ = false;  // without the machine
  bool chunked_ = false;
  bool head_done_ = false;
  bool message_done_ = false;
  bool too_large_ = false;
};

}  // namespace punctual::http
