#include "config/url.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace punctual::config {
namespace {

struct Good {
  const char* text;
  Scheme scheme;
  const char* host;
  int port;
  const char* prefix;
  const char* socket;
  const char* header;
};

TEST(Url, TakesUpstreamsApart) {
  const Good table[] = {
      {"https://api.openai.com/v1", Scheme::https, "api.openai.com", 443, "/v1", "", "api.openai.com"},
      {"https://api.openai.com/v1/", Scheme::https, "api.openai.com", 443, "/v1", "", "api.openai.com"},
      {"HTTP://LocalHost:11434", Scheme::http, "localhost", 11434, "", "", "localhost:11434"},
      {"http://localhost/", Scheme::http, "localhost", 80, "", "", "localhost"},
      {"http://127.0.0.1:80/a/b", Scheme::http, "127.0.0.1", 80, "/a/b", "", "127.0.0.1"},
      {"https://host:80", Scheme::https, "host", 80, "", "", "host:80"},
      {"http://[::1]:8000/v1", Scheme::http, "::1", 8000, "/v1", "", "[::1]:8000"},
      {"https://[2001:DB8::1]", Scheme::https, "2001:db8::1", 443, "", "", "[2001:db8::1]"},
      {"https://host/a%20b", Scheme::https, "host", 443, "/a%20b", "", "host"},
      {"unix:/run/x.sock", Scheme::unix_socket, "localhost", 0, "", "/run/x.sock", "localhost"},
      {"unix:/run/x.sock:/v1/", Scheme::unix_socket, "localhost", 0, "/v1", "/run/x.sock", "localhost"},
  };
  for (const Good& good : table) {
    const auto url = parse_url(good.text);
    ASSERT_TRUE(url) << good.text << " " << url.error();
    EXPECT_EQ(url->scheme, good.scheme) << good.text;
    EXPECT_EQ(url->host, good.host) << good.text;
    EXPECT_EQ(url->port, good.port) << good.text;
    EXPECT_EQ(url->path_prefix, good.prefix) << good.text;
    EXPECT_EQ(url->socket_path, good.socket) << good.text;
    EXPECT_EQ(url->host_header(), good.header) << good.text;
  }
}

TEST(Url, RefusesWhatIsNoUpstream) {
  for (const char* text : {"",
                           "api.openai.com",
                           "ftp://host",
                           "http://",
                           "http:///v1",
                           "https://user:secret@host",
                           "https://host?x=1",
                           "https://host/#top",
                           "https://ho st",
                           "https://host\r\nx: y",
                           "https://host:0",
                           "https://host:65536",
                           "https://host:",
                           "https://host:80a",
                           "https://h\xc3\xb6st",
                           "https://.host",
                           "https://-host",
                           "https://a..b",
                           "http://[::1",
                           "http://[::1]x",
                           "http://[host]",
                           "http://[]",
                           "https://host/a//b",
                           "https://host/../a",
                           "https://host/./a",
                           "https://host/%4",
                           "https://host/%zz",
                           "https://host/<a>",
                           "https://host/a\\b",
                           "unix:",
                           "unix:/",
                           "unix:relative",
                           "unix:/run/x.sock:/../etc"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
  EXPECT_FALSE(parse_url("unix:/" + std::string(200, 'x')));
  EXPECT_FALSE(parse_url("https://host/" + std::string(4000, 'x')));
}

TEST(Url, SaysWhatIsWrongAndWhatIsRightWithoutThePassword) {
  const auto url = parse_url("https://user:hunter2@host");
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error(),
            "has user information, which would end up in logs: use api_key_env: write it as "
            "https://host[:port][/path] or unix:/path/to.sock[:/path]");
}

RC_GTEST_PROP(Url, ItsTextReadsBackTheSame, ()) {
  const auto letters =
      rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc09"))));
  const auto scheme = *rc::gen::element<std::string>("http://", "https://");
  const auto port = *rc::gen::inRange(1, 65536);
  const auto segments = *rc::gen::container<std::vector<std::string>>(letters);
  std::string text = scheme + (*letters).substr(0, 200) + ":" + std::to_string(port);
  for (const std::string& segment : segments)
    text += "/" + segment;
  RC_PRE(text.size() < 2000);
  const auto url = parse_url(text);
  RC_ASSERT(url.has_value());
  const auto again = parse_url(url->text());
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->host == url->host && again->port == port && again->path_prefix == url->path_prefix);
}

RC_GTEST_PROP(Url, NothingGetsABreakOrSpaceThrough, (const std::string& text)) {
  const auto url = parse_url("http://" + text);
  if (!url) return;
  RC_ASSERT(url->text().find_first_of(std::string("\r\n \t\0", 5)) == std::string::npos);
}

}  // namespace
}  // namespace punctual::config
