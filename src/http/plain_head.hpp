// Reads the heads that nearly all peers send in one pass, without a parser of everything.
//
// What it takes is a small part of what HeadBuffer and llhttp take, and means the same to them: HTTP/1.1, GET
// or POST with a plain path (or a plain status line with a length), fields of token characters and visible
// values, at most one Content-Length of digits, no Transfer-Encoding, Connection just `keep-alive` or
// `close`. It refuses nothing: all else, also a head that is not whole yet, is left to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/head.hpp"

namespace punctual::http {

// What is found. The views point into the bytes that were read.
struct PlainHead {
  std::size_t size = 0;     // of the head; what follows is the body's
  std::string_view method;  // of requests
  std::string_view target;
  int status = 0;  // of answers
  std::string_view reason;
  std::optional<std::uint64_t> content_length;
  bool keep_alive = true;
};

// `bytes` begin with a head. Adds the fields to `headers`, which are without meaning when nothing is
// returned.
std::optional<PlainHead> read_plain_request(std::string_view bytes, Headers& headers);
std::optional<PlainHead> read_plain_response(std::string_view bytes, Headers& headers);

}  // namespace punctual::http
