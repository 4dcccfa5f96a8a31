#include "http/response_parser.hpp"

#include <llhttp.h>

#include <algorithm>
#include <bit>

#include "base/text.hpp"
#include "http/bounds.hpp"
#include "http/plain_head.hpp"

namespace punctual::http {

namespace {

std::uint64_t hexadecimal_digits(std::uint64_t number) {
  return number == 0 ? 1 : (static_cast<std::uint64_t>(std::bit_width(number)) + 3) / 4;
}

}  // namespace

struct ResponseParser::Machine {
  llhttp_t parser;
};

struct ResponseParser::Callbacks {
  static ResponseParser& self(llhttp_t* parser) { return *static_cast<ResponseParser*>(parser->data); }

  static int on_status(llhttp_t* parser, const char* at, std::size_t length) {
    self(parser).head_.reason = {at, length};
    return 0;
  }
  static int on_header_field(llhttp_t* parser, const char* at, std::size_t length) {
    auto& response = self(parser);
    if (response.head_done_) return 0;  // a trailer; not passed on
    if (response.head_.headers.size() == header_count_max) return HPE_USER;
    response.head_.headers.add({at, length}, {});
    return 0;
  }
  static int on_header_value(llhttp_t* parser, const char* at, std::size_t length) {
    auto& response = self(parser);
    if (!response.head_done_) response.head_.headers.last().value = base::trimmed({at, length});
    return 0;
  }
  static int on_headers_complete(llhttp_t* parser) {
    self(parser).head_done_ = true;
    // RFC 9112, section 6.3: these have no body, whatever their fields say. 1: the body is skipped.
    return parser->status_code == 204 || parser->status_code == 304 ? 1 : 0;
  }
  static int on_chunk_header(llhttp_t* parser) {
    auto& response = self(parser);
    response.between_chunks_ = false;
    response.plain_bytes_ += hexadecimal_digits(parser->content_length) + parser->content_length + 4;
    return 0;
  }
  static int on_chunk_complete(llhttp_t* parser) {
    self(parser).between_chunks_ = true;
    return 0;
  }
  static int on_body(llhttp_t* parser, const char* at, std::size_t length) {
    auto& response = self(parser);
    response.pieces_->content.emplace_back(at, length);
    response.content_bytes_ += length;
    return 0;
  }
  static int on_message_complete(llhttp_t* parser) {
    self(parser).message_done_ = true;
    return HPE_PAUSED;
  }

  static const llhttp_settings_t* settings() {
    static const llhttp_settings_t made = [] {
      llhttp_settings_t settings;
      llhttp_settings_init(&settings);
      settings.on_status = on_status;
      settings.on_header_field = on_header_field;
      settings.on_header_value = on_header_value;
      settings.on_headers_complete = on_headers_complete;
      settings.on_chunk_header = on_chunk_header;
      settings.on_chunk_complete = on_chunk_complete;
      settings.on_body = on_body;
      settings.on_message_complete = on_message_complete;
      return settings;
    }();
    return &made;
  }
};

ResponseParser::ResponseParser() = default;

ResponseParser::~ResponseParser() = default;

void ResponseParser::reset() {
  buffer_.clear();
  framing_.reset();
  head_.headers.clear();
  auto headers = std::move(head_.headers);
  head_ = ResponseHead{};
  head_.headers = std::move(headers);
  error_.clear();
  pieces_ = nullptr;
  content_bytes_ = raw_bytes_ = plain_bytes_ = 0;
  informational_heads_ = 0;
  state_ = State::head;
  plain_ = head_done_ = message_done_ = false;
  between_chunks_ = true;
}

void ResponseParser::release_head_text() {
  head_.reason = {};
  head_.headers = {};
  buffer_.release();
}

void ResponseParser::fail(std::string error) {
  state_ = State::failed;
  error_ = std::move(error);
}

std::size_t ResponseParser::feed_head(std::string_view bytes) {
  std::size_t used = 0;
  while (state_ == State::head && used < bytes.size()) {
    if (buffer_.untouched() && read_plain(bytes.substr(used))) return used + buffer_.bytes().size();
    used += buffer_.feed(bytes.substr(used));
    switch (buffer_.state()) {
      case HeadBuffer::State::incomplete:
        return used;
      case HeadBuffer::State::complete:
        finish_head();
        break;
      case HeadBuffer::State::malformed:
        fail(std::string(buffer_.violation()));
        break;
      case HeadBuffer::State::too_large:
        fail("the head is too large");
        break;
    }
  }
  return used;
}

bool ResponseParser::read_plain(std::string_view bytes) {
  const auto plain = read_plain_response(bytes, head_.headers);
  if (!plain) {
    head_.headers.clear();
    return false;
  }
  plain_ = true;
  plain_keep_alive_ = plain->keep_alive;
  buffer_.take(bytes.substr(0, plain->size));
  const char* const text = buffer_.bytes().data();
  head_.headers.move_text(bytes.data(), text);  // NOLINT(bugprone-suspicious-stringview-data-usage)
  head_.status = plain->status;
  head_.reason = {text + (plain->reason.data() - bytes.data()), plain->reason.size()};
  head_.content_length = plain->content_length;
  state_ = *plain->content_length == 0 ? State::complete : State::body;
  return true;
}

void ResponseParser::finish_head() {
  if (!machine_) machine_ = std::make_unique<Machine>();
  llhttp_t& parser = machine_->parser;
  llhttp_init(&parser, HTTP_RESPONSE, Callbacks::settings());
  parser.data = this;
  const auto bytes = buffer_.bytes();
  const llhttp_errno_t error = llhttp_execute(&parser, bytes.data(), bytes.size());
  if ((error != HPE_OK && error != HPE_PAUSED) || !head_done_) {
    const char* reason = llhttp_get_error_reason(&parser);
    return fail(reason && *reason ? reason : "not an HTTP/1.1 answer");
  }
  if (parser.http_major != 1) return fail("not an HTTP/1.1 answer");
  head_.status = parser.status_code;
  if (head_.status < 200) {
    const std::size_t seen = informational_heads_ + 1;
    if (head_.status == 101 || seen > informational_heads_max) return fail("an unexpected 1xx answer");
    reset();
    informational_heads_ = seen;
    return;
  }
  head_.chunked = (parser.flags & F_CHUNKED) != 0;
  if (head_.headers.count("transfer-encoding") > 0) {
    if (head_.headers.count("transfer-encoding") > 1 ||
        !base::equals_ignoring_case(head_.headers.value("transfer-encoding"), "chunked")) {
      return fail("a Transfer-Encoding other than chunked");
    }
    if (head_.headers.count("content-length") > 0)
      return fail("Content-Length together with Transfer-Encoding");
  }
  if (const auto length = head_.headers.find("content-length")) {
    head_.content_length = base::parse_unsigned(length->value);
    if (!head_.content_length) return fail("a Content-Length that is not a number");
  }
  state_ = message_done_ ? State::complete : State::body;
}

// What lies between the pieces of content is framing, and must be plain.
bool ResponseParser::check_framing(std::string_view bytes, const BodyPieces& pieces) {
  if (!head_.chunked) return true;
  const char* from = bytes.data();
  for (const auto piece : pieces.content) {
    framing_.feed({from, static_cast<std::size_t>(piece.data() - from)});
    from = piece.data() + piece.size();
  }
  return framing_.feed({from, static_cast<std::size_t>(bytes.data() + bytes.size() - from)});
}

// The length is known and everything up to there is content.
std::size_t ResponseParser::feed_plain_body(std::string_view bytes, BodyPieces& pieces) {
  const std::size_t used = std::min<std::uint64_t>(bytes.size(), *head_.content_length - content_bytes_);
  pieces.content.push_back(bytes.substr(0, used));
  content_bytes_ += used;
  if (content_bytes_ == *head_.content_length) state_ = State::complete;
  return used;
}

std::size_t ResponseParser::feed_body(std::string_view bytes, BodyPieces& pieces) {
  pieces.clear();
  if (state_ != State::body || bytes.empty()) return 0;
  if (plain_) return feed_plain_body(bytes, pieces);
  llhttp_t& parser = machine_->parser;
  pieces_ = &pieces;
  const bool began_between = at_boundary();
  const llhttp_errno_t error = llhttp_execute(&parser, bytes.data(), bytes.size());
  std::size_t used = bytes.size();
  if (error == HPE_PAUSED) {
    used = static_cast<std::size_t>(llhttp_get_error_pos(&parser) - bytes.data());
    state_ = State::complete;
  } else if (error != HPE_OK) {
    const char* reason = llhttp_get_error_reason(&parser);
    fail(reason && *reason ? reason : "bad framing");
    return used;
  }
  if (!check_framing(bytes.substr(0, used), pieces)) {
    fail(std::string(framing_.violation()));
    return used;
  }
  raw_bytes_ += used;
  if (raw_bytes_ > content_bytes_ * framing_overhead_factor_max + framing_overhead_bytes_max) {
    fail("more framing than content");
  }
  pieces.verbatim = head_.chunked && began_between && at_boundary();
  return used;
}

// Between two chunks, and not in the middle of a size line either: then more would have come than the plain
// form of the chunks accounts for. After a chunk that is framed otherwise this is never so again, which is
// safe.
bool ResponseParser::at_boundary() const {
  return between_chunks_ && raw_bytes_ == plain_bytes_;
}

void ResponseParser::end_of_stream() {
  if (state_ == State::complete || state_ == State::failed) return;
  if (state_ == State::head) {
    return fail(buffer_.empty() ? "the connection was closed before an answer"
                                : "the connection was closed in the head");
  }
  if (!head_.chunked && !head_.content_length) {
    state_ = State::complete;
  } else {
    fail("the connection was closed in the middle of the body");
  }
}

bool ResponseParser::keep_alive() const {
  if (plain_) return state_ == State::complete && plain_keep_alive_;
  return state_ == State::complete && (head_.chunked || head_.content_length || head_.status == 204) &&
         llhttp_should_keep_alive(&machine_->parser) != 0;
}

}  // namespace punctual::http
