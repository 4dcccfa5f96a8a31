#include "http/request_parser.hpp"

#include <llhttp.h>

#include <algorithm>

#include "base/spare_text.hpp"
#include "base/text.hpp"
#include "http/bounds.hpp"
#include "http/plain_head.hpp"

namespace punctual::http {

namespace {

// One space between the three parts, and the versions that are spoken here: llhttp takes more spaces and
// other protocols.
bool is_plain_request_line(std::string_view head) {
  std::string_view line = head.substr(0, head.find("\r\n"));
  if (!line.ends_with(" HTTP/1.1") && !line.ends_with(" HTTP/1.0")) return false;
  line.remove_suffix(std::string_view(" HTTP/1.1").size());
  const auto space = line.find(' ');
  return space != std::string_view::npos && space > 0 && space + 1 < line.size() &&
         line.find(' ', space + 1) == std::string_view::npos;
}

// A client that takes us for a proxy sends the absolute form (RFC 9112, section 3.2.2).
std::string_view without_authority(std::string_view target) {
  if (target.starts_with('/')) return target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!base::equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const auto path = target.find_first_of("/?", scheme.size());
    if (path == std::string_view::npos) return "/";
    return target.substr(path);
  }
  return target;
}

}  // namespace

struct RequestParser::Machine {
  llhttp_t parser;
};

struct RequestParser::Callbacks {
  static RequestParser& self(llhttp_t* parser) { return *static_cast<RequestParser*>(parser->data); }

  static int on_url(llhttp_t* parser, const char* at, std::size_t length) {
    self(parser).head_.target = {at, length};
    return 0;
  }
  static int on_header_field(llhttp_t* parser, const char* at, std::size_t length) {
    auto& request = self(parser);
    if (request.head_done_) return 0;  // a trailer; not passed on
    if (request.head_.headers.size() == header_count_max) return HPE_USER;
    request.head_.headers.add({at, length}, {});
    return 0;
  }
  static int on_header_value(llhttp_t* parser, const char* at, std::size_t length) {
    auto& request = self(parser);
    if (!request.head_done_) request.head_.headers.last().value = base::trimmed({at, length});
    return 0;
  }
  static int on_headers_complete(llhttp_t* parser) {
    self(parser).head_done_ = true;
    return 0;
  }
  static int on_body(llhttp_t* parser, const char* at, std::size_t length) {
    auto& request = self(parser);
    if (!request.check_framing_until(at)) return HPE_USER;
    request.framing_from_ = at + length;
    if (request.body_.size() + length > request.body_bytes_max_) {
      request.too_large_ = true;
      return HPE_USER;
    }
    request.body_.append(at, length);
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
      settings.on_url = on_url;
      settings.on_header_field = on_header_field;
      settings.on_header_value = on_header_value;
      settings.on_headers_complete = on_headers_complete;
      settings.on_body = on_body;
      settings.on_message_complete = on_message_complete;
      return settings;
    }();
    return &made;
  }
};

RequestParser::RequestParser(std::uint64_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

RequestParser::~RequestParser() = default;

void RequestParser::reset() {
  buffer_.clear();
  head_.headers.clear();
  auto headers = std::move(head_.headers);
  head_ = RequestHead{};
  head_.headers = std::move(headers);
  body_.clear();
  error_.status = 400;
  error_.detail.clear();
  framing_.reset();
  body_raw_bytes_ = 0;
  state_ = State::head;
  plain_ = chunked_ = head_done_ = message_done_ = too_large_ = false;
}

void RequestParser::release_head_text() {
  head_.target = head_.path = head_.query = {};
  head_.headers = {};
  buffer_.release();
}

void RequestParser::fail(int status, std::string detail) {
  state_ = State::failed;
  error_ = {status, std::move(detail)};
}

std::size_t RequestParser::feed(std::string_view bytes) {
  switch (state_) {
    case State::head:
      return feed_head(bytes);
    case State::body:
      return feed_body(bytes);
    case State::complete:
    case State::failed:
      break;
  }
  return 0;
}

std::size_t RequestParser::feed_head(std::string_view bytes) {
  if (buffer_.untouched() && read_plain(bytes)) return buffer_.bytes().size();
  const std::size_t used = buffer_.feed(bytes);
  switch (buffer_.state()) {
    case HeadBuffer::State::incomplete:
      break;
    case HeadBuffer::State::complete:
      finish_head();
      break;
    case HeadBuffer::State::malformed:
      fail(400, "The request head is malformed: " + std::string(buffer_.violation()) + ".");
      break;
    case HeadBuffer::State::too_large:
      fail(431, "The request head is larger than " + std::to_string(head_bytes_max) + " bytes.");
      break;
  }
  return used;
}

bool RequestParser::read_plain(std::string_view bytes) {
  const auto plain = read_plain_request(bytes, head_.headers);
  if (!plain) {
    head_.headers.clear();
    return false;
  }
  plain_ = true;
  buffer_.take(bytes.substr(0, plain->size));
  const char* const text = buffer_.bytes().data();
  head_.headers.move_text(bytes.data(), text);  // NOLINT(bugprone-suspicious-stringview-data-usage)
  head_.method = plain->method;
  head_.target = {text + (plain->target.data() - bytes.data()), plain->target.size()};
  head_.minor_version = 1;
  head_.keep_alive = plain->keep_alive;
  message_done_ = plain->content_length.value_or(0) == 0;
  finish_fields();
  return true;
}

bool RequestParser::read_strictly() {
  if (!machine_) machine_ = std::make_unique<Machine>();
  llhttp_t& parser = machine_->parser;
  llhttp_init(&parser, HTTP_REQUEST, Callbacks::settings());
  parser.data = this;
  const auto bytes = buffer_.bytes();
  if (!is_plain_request_line(bytes)) {
    fail(400,
         "The request line must be a method, a target and HTTP/1.1 or HTTP/1.0, with one space between.");
    return false;
  }
  const llhttp_errno_t error = llhttp_execute(&parser, bytes.data(), bytes.size());
  if (error == HPE_USER) {
    fail(431, "The request has more than " + std::to_string(header_count_max) + " header fields.");
    return false;
  }
  if (error == HPE_INVALID_METHOD) {
    fail(501, "The method is not one that is known here.");
    return false;
  }
  if (error != HPE_OK && error != HPE_PAUSED) {
    const char* reason = llhttp_get_error_reason(&parser);
    fail(400, "The request head is malformed: " + std::string(reason ? reason : "not HTTP/1.1") + ".");
    return false;
  }
  if (!head_done_) {
    fail(400, "The request head is malformed: it does not end where it should.");
    return false;
  }
  head_.method = llhttp_method_name(static_cast<llhttp_method_t>(parser.method));
  head_.minor_version = parser.http_minor;
  head_.keep_alive = llhttp_should_keep_alive(&parser) != 0;
  return true;
}

void RequestParser::finish_head() {
  if (read_strictly()) finish_fields();
}

void RequestParser::finish_fields() {
  if (head_.target.size() > target_bytes_max) {
    return fail(431, "The request target is longer than " + std::to_string(target_bytes_max) + " bytes.");
  }
  const std::size_t hosts = head_.headers.count("host");
  if (hosts > 1 || (hosts == 0 && head_.minor_version == 1))
    return fail(400, "The request needs exactly one Host field.");

  const std::string_view origin_form = without_authority(head_.target);
  const auto question = origin_form.find('?');
  head_.path = origin_form.substr(0, question);
  if (question != std::string_view::npos) head_.query = origin_form.substr(question + 1);

  // Not the parser's flag: it does not tell of an empty field, nor of two.
  const std::size_t codings = head_.headers.count("transfer-encoding");
  const std::string_view coding = head_.headers.value("transfer-encoding");
  if (codings > 1 || (codings == 1 && !base::equals_ignoring_case(coding, "chunked"))) {
    return fail(400, "The only Transfer-Encoding understood here is chunked, once.");
  }
  chunked_ = codings == 1;
  if (chunked_ && head_.headers.count("content-length") > 0) {
    return fail(400, "A request may have Content-Length or Transfer-Encoding, not both.");
  }
  if (chunked_ && head_.minor_version == 0) return fail(400, "HTTP/1.0 has no Transfer-Encoding.");
  if (const auto length = head_.headers.find("content-length")) {
    head_.content_length = base::parse_unsigned(length->value);
    if (!head_.content_length) return fail(400, "Content-Length is not a number.");
    if (*head_.content_length > body_bytes_max_) {
      return fail(413, "The body is larger than " + std::to_string(body_bytes_max_) + " bytes.");
    }
  }
  head_.has_body = chunked_ || head_.content_length.value_or(0) > 0;
  head_.expects_continue = base::equals_ignoring_case(head_.headers.value("expect"), "100-continue");
  state_ = message_done_ ? State::complete : State::body;
}

// The bytes of the framing up to `content` are in order; nothing is looked at where there are no chunks.
bool RequestParser::check_framing_until(const char* content) {
  if (!chunked_) return true;
  return framing_.feed({framing_from_, static_cast<std::size_t>(content - framing_from_)});
}

// The length is known and everything up to there is content.
std::size_t RequestParser::feed_plain_body(std::string_view bytes) {
  const std::size_t used = std::min<std::uint64_t>(bytes.size(), *head_.content_length - body_.size());
  body_.append(bytes.substr(0, used));
  if (body_.size() == *head_.content_length) state_ = State::complete;
  return used;
}

std::size_t RequestParser::feed_body(std::string_view bytes) {
  if (body_.empty() && body_.capacity() <= std::string().capacity()) {
    body_ = base::SpareText::take();
    // More only as it comes: a length is told easily.
    constexpr std::uint64_t reserved_bytes_max = 64 * 1024;
    if (head_.content_length)
      body_.reserve(std::min(*head_.content_length, reserved_bytes_max) + body_padding_bytes);
  }
  if (plain_) return feed_plain_body(bytes);
  llhttp_t& parser = machine_->parser;
  framing_from_ = bytes.data();
  const llhttp_errno_t error = llhttp_execute(&parser, bytes.data(), bytes.size());
  std::size_t used = bytes.size();
  if (error == HPE_OK || error == HPE_PAUSED) {
    const char* const end = error == HPE_OK ? bytes.data() + bytes.size() : llhttp_get_error_pos(&parser);
    check_framing_until(end);
  }
  if (!framing_.violation().empty()) {
    fail(400, "The request body is malformed: " + std::string(framing_.violation()) + ".");
  } else if (error == HPE_PAUSED) {
    used = static_cast<std::size_t>(llhttp_get_error_pos(&parser) - bytes.data());
    state_ = State::complete;
  } else if (too_large_) {
    fail(413, "The body is larger than " + std::to_string(body_bytes_max_) + " bytes.");
  } else if (error != HPE_OK) {
    const char* reason = llhttp_get_error_reason(&parser);
    fail(400, "The request body is malformed: " + std::string(reason ? reason : "bad framing") + ".");
  }
  body_raw_bytes_ += used;
  if (body_raw_bytes_ > body_.size() * framing_overhead_factor_max + framing_overhead_bytes_max) {
    fail(400, "The request body has more framing than content.");
  }
  return used;
}

}  // namespace punctual::http
