#include "app/try_it.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace punctual::app {

namespace {

namespace bj = boost::json;

// For a shell, between single quotes.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += "'\\'";
    out += c;
  }
  return out + "'";
}

std::string command(const config::Server& server, std::string_view path, const bj::object& body, bool keyed) {
  return fmt::format("  curl -N {}{} -H 'Content-Type: application/json' \\\n{}    -d {}\n",
                     curl_address(server), path, keyed ? "    -H 'Authorization: Bearer YOUR_KEY' \\\n" : "",
                     quoted(bj::serialize(body)));
}

}  // namespace

std::string curl_address(const config::Server& server) {
  constexpr std::string_view unix_prefix = "unix:";
  const std::string_view listen = server.listen.front();
  if (listen.starts_with(unix_prefix))
    return fmt::format("--unix-socket {} http://localhost", listen.substr(unix_prefix.size()));
  const auto colon = listen.rfind(':');
  auto host = listen.substr(0, colon);
  if (host.empty() || host == "*" || host == "0.0.0.0") host = "127.0.0.1";
  if (host == "[::]") host = "[::1]";
  return fmt::format("{}://{}{}", server.tls_certificate.empty() ? "http" : "https", host,
                     colon == std::string_view::npos ? std::string_view() : listen.substr(colon));
}

std::string chat_command(const config::Server& server, std::string_view model, bool keyed) {
  const bj::object message = {{"role", "user"}, {"content", "hi"}};
  return command(server, "/v1/chat/completions",
                 {{"model", model}, {"stream", true}, {"messages", bj::array{message}}}, keyed);
}

std::string embedding_command(const config::Server& server, std::string_view model, bool keyed) {
  return command(server, "/v1/embeddings", {{"model", model}, {"input", "hi"}}, keyed);
}

}  // namespace punctual::app
