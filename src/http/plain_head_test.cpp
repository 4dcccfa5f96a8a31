#include "http/plain_head.hpp"

#include <gtest/gtest.h>
#include <llhttp.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "base/text.hpp"
#include "http/head_buffer.hpp"

namespace punctual::http {
namespace {

// A head as llhttp sees it, in the form that both can be compared in.
struct Seen {
  bool taken = false;
  bool complete = false;  // and there is no body
  std::string method, target;
  int status = 0;
  std::string fields;
  std::uint64_t length = 0;
  bool keep_alive = false;

  bool operator==(const Seen&) const = default;
};

Seen seen_by_llhttp(std::string_view head, llhttp_type_t type) {
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  Seen seen;
  settings.on_url = [](llhttp_t* parser, const char* at, std::size_t length) {
    static_cast<Seen*>(parser->data)->target.append(at, length);
    return 0;
  };
  settings.on_header_field = [](llhttp_t* parser, const char* at, std::size_t length) {
    static_cast<Seen*>(parser->data)->fields.append("\n").append(at, length).append("=");
    return 0;
  };
  settings.on_header_value = [](llhttp_t* parser, const char* at, std::size_t length) {
    static_cast<Seen*>(parser->data)->fields.append(base::trimmed({at, length}));
    return 0;
  };
  settings.on_headers_complete = [](llhttp_t* parser) {
    static_cast<Seen*>(parser->data)->taken = true;
    return 0;
  };
  settings.on_message_complete = [](llhttp_t* parser) {
    static_cast<Seen*>(parser->data)->complete = true;
    return static_cast<int>(HPE_PAUSED);
  };
  llhttp_t parser;
  llhttp_init(&parser, type, &settings);
  parser.data = &seen;
  const auto error = llhttp_execute(&parser, head.data(), head.size());
  seen.taken = seen.taken && (error == HPE_OK || error == HPE_PAUSED) && parser.http_major == 1 &&
               parser.http_minor == 1 && (parser.flags & F_CHUNKED) == 0 && parser.upgrade == 0;
  if (type == HTTP_REQUEST) {
    seen.method = llhttp_method_name(static_cast<llhttp_method_t>(parser.method));
  } else {
    seen.status = parser.status_code;
  }
  seen.length = seen.complete ? 0 : parser.content_length;
  seen.keep_alive = llhttp_should_keep_alive(&parser) != 0;
  return seen;
}

Seen seen_plainly(std::string_view head, llhttp_type_t type) {
  Headers headers;
  const auto plain =
      type == HTTP_REQUEST ? read_plain_request(head, headers) : read_plain_response(head, headers);
  Seen seen;
  if (!plain) return seen;
  seen.taken = true;
  seen.complete = plain->content_length.value_or(0) == 0;
  seen.method = plain->method;
  seen.target = plain->target;
  seen.status = plain->status;
  for (const auto& [name, value] : headers)
    seen.fields.append("\n").append(name).append("=").append(value);
  seen.length = plain->content_length.value_or(0);
  seen.keep_alive = plain->keep_alive;
  return seen;
}

constexpr std::string_view plain_requests[] = {
    "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n",
    "GET /v1/models?x=1%20&y HTTP/1.1\r\nHost:a:80\r\nAccept: */*\r\nX-Empty:\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nconnection: Keep-Alive\r\ncontent-length: 007\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: \t caf\xc3\xa9 \t\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n",
};

constexpr std::string_view other_requests[] = {
    "POST / HTTP/1.0\r\nHost: a\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 1 1\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length:\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 18446744073709551617\r\n\r\n",
    "POST / HTTP/1.1\r\nConnection: Upgrade\r\n\r\n",
    "POST / HTTP/1.1\r\nConnection: close, x\r\n\r\n",
    "POST / HTTP/1.1\r\nUpgrade: x\r\n\r\n",
    "POST / HTTP/1.1\r\nProxy-Connection: close\r\n\r\n",
    "POST / HTTP/1.1\r\nA b: x\r\n\r\n",
    "POST / HTTP/1.1\r\nA: x\x01\r\n\r\n",
    "POST / HTTP/1.1\r\nA: x\x7f\r\n\r\n",
};

TEST(PlainHead, IsSeenAsLlhttpSeesIt) {
  for (const auto head : plain_requests) {
    EXPECT_TRUE(seen_plainly(head, HTTP_REQUEST).taken) << head;
    EXPECT_TRUE(seen_plainly(head, HTTP_REQUEST) == seen_by_llhttp(head, HTTP_REQUEST)) << head;
  }
  constexpr std::string_view answer =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n";
  EXPECT_TRUE(seen_plainly(answer, HTTP_RESPONSE).taken);
  EXPECT_TRUE(seen_plainly(answer, HTTP_RESPONSE) == seen_by_llhttp(answer, HTTP_RESPONSE));
}

TEST(PlainHead, LeavesTheRestToLlhttp) {
  for (const auto head : other_requests)
    EXPECT_FALSE(seen_plainly(head, HTTP_REQUEST).taken) << head;
  for (const std::string_view head :
       {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 304 N\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n"}) {
    EXPECT_FALSE(seen_plainly(head, HTTP_RESPONSE).taken) << head;
  }
}

TEST(PlainHead, FieldsAreBounded) {
  std::string head = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 129; ++i)
    head += "A: b\r\n";
  EXPECT_FALSE(seen_plainly(head + "\r\n", HTTP_REQUEST).taken);
}

// Whatever is written: what is taken as plain, llhttp takes too, and sees the same in it.
RC_GTEST_PROP(PlainHead, NeverDisagrees, (bool request)) {
  const auto piece = rc::gen::elementOf(std::vector<std::string>{"Host: a",
                                                                 "Content-Length: 5",
                                                                 "content-length:5",
                                                                 "Content-Length: 0",
                                                                 "Content-Length: 1x",
                                                                 "Content-Length: ",
                                                                 "Transfer-Encoding: chunked",
                                                                 "Connection: close",
                                                                 "Connection:keep-alive",
                                                                 "Connection: x",
                                                                 "Connection: ",
                                                                 "Upgrade: h2c",
                                                                 "Proxy-Connection: close",
                                                                 "Keep-Alive: 5",
                                                                 "Expect: 100-continue",
                                                                 "A: b\tc",
                                                                 "A:",
                                                                 "A\x80: b",
                                                                 "A: \x80",
                                                                 "@: x",
                                                                 "a,b: c",
                                                                 "A: b:c",
                                                                 "Te: x"});
  const auto start =
      request ? rc::gen::elementOf(std::vector<std::string>{
                    "POST / HTTP/1.1", "GET /a?b=c HTTP/1.1", "GET /a%zz HTTP/1.1", "POST //x HTTP/1.1",
                    "GET /?a?b HTTP/1.1", "POST /a,b+c HTTP/1.1", "GET /~:x HTTP/1.1", "HEAD / HTTP/1.1",
                    "GET / HTTP/1.1 ", "POST /&= HTTP/1.1"})
              : rc::gen::elementOf(std::vector<std::string>{
                    "HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found", "HTTP/1.1 599 x\ty", "HTTP/1.1 204 No",
                    "HTTP/1.1 101 Up", "HTTP/1.1 200 \x80", "HTTP/1.1 429 a  b"});
  std::string head = *start + "\r\n";
  for (const auto& line : *rc::gen::container<std::vector<std::string>>(piece))
    head += line + "\r\n";
  head += "\r\n";
  HeadBuffer buffer;
  buffer.feed(head);
  if (buffer.state() != HeadBuffer::State::complete) return;
  const auto type = request ? HTTP_REQUEST : HTTP_RESPONSE;
  const auto plain = seen_plainly(head, type);
  RC_CLASSIFY(plain.taken, "plain");
  if (plain.taken) RC_ASSERT(plain == seen_by_llhttp(head, type));
}

}  // namespace
}  // namespace punctual::http
