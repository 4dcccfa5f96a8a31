#include "http/head_writer.hpp"

#include <charconv>
#include <cstring>

namespace punctual::http {

HeadWriter& HeadWriter::request(std::string_view method, std::string_view target) {
  out_.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  return *this;
}

HeadWriter& HeadWriter::status(int status) {
  if (status == 200) {
    out_.append("HTTP/1.1 200 OK\r\n");
    return *this;
  }
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, status).ptr;
  out_.append("HTTP/1.1 ").append(digits, end).append(" ").append(reason_phrase(status)).append("\r\n");
  return *this;
}

HeadWriter& HeadWriter::field(std::string_view name, std::string_view value) {
  constexpr std::size_t around = 4;  // ": " and CRLF
  const std::size_t before = out_.size();
  const std::size_t after = before + name.size() + value.size() + around;
  out_.resize_and_overwrite(after, [&](char* text, std::size_t) {
    char* at = text + before;
    std::memcpy(at, name.data(), name.size());
    at += name.size();
    std::memcpy(at, ": ", 2);
    at += 2;
    // An empty value may have no memory.
    if (!value.empty()) std::memcpy(at, value.data(), value.size());
    std::memcpy(at + value.size(), "\r\n", 2);
    return after;
  });
  return *this;
}

HeadWriter& HeadWriter::field(std::string_view name, std::uint64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return field(name, std::string_view(digits, end));
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 424:
      return "Failed Dependency";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 529:
      return "Overloaded";
    default:
      return "Unknown";
  }
}

ChunkSize::ChunkSize(std::uint64_t bytes) {
  begin_ = sizeof text_;
  text_[--begin_] = '\n';
  text_[--begin_] = '\r';
  do {
    text_[--begin_] = "0123456789abcdef"[bytes & 15];
    bytes >>= 4;
  } while (bytes != 0);
}

}  // namespace punctual::http
