#include "sim/asking.hpp"

namespace punctual::simulation {

namespace {

struct RouteText {
  std::string_view name;
  std::string_view endpoint;
  std::string_view path;
  int total_seconds;
};

constexpr std::array<RouteText, 5> texts = {{
    {"chat", "chat", "/v1/chat/completions", 900},
    {"completions", "completions", "/v1/completions", 600},
    {"embeddings", "embeddings", "/v1/embeddings", 120},
    {"messages", "chat", "/v1/messages", 900},
    {"responses", "chat", "/v1/responses", 900},
}};

const RouteText& text_of(Route route) {
  return texts[static_cast<std::size_t>(route)];
}

}  // namespace

std::string_view name_of(Route route) {
  return text_of(route).name;
}

std::string_view endpoint_of(Route route) {
  return text_of(route).endpoint;
}

std::string_view path_of(Route route) {
  return text_of(route).path;
}

std::string_view upstream_of(Route route) {
  return route == Route::messages ? "claude" : "alpha";
}

std::string model_of(Route route, std::string_view options) {
  return std::string(upstream_of(route)) + "/sim:" + std::string(options);
}

int total_seconds_of(Route route) {
  return text_of(route).total_seconds;
}

std::string Asking::body() const {
  std::string body = R"({"model":")" + model + "\"";
  switch (route) {
    case Route::chat:
      body += R"(,"messages":[{"role":"user","content":"hi"}])";
      break;
    case Route::completions:
      body += R"(,"prompt":"hi")";
      break;
    case Route::embeddings:
    case Route::responses:
      body += R"(,"input":"hi")";
      break;
    case Route::messages:
      body += R"(,"max_tokens":1000000,"messages":[{"role":"user","content":"hi"}])";
      break;
  }
  if (stream) body += R"(,"stream":true)";
  return body + members + "}";
}

std::string Asking::head() const {
  return "POST " + std::string(path_of(route)) + " HTTP/1." + std::to_string(minor_version) +
         "\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body().size()) + "\r\n" + headers + "\r\n";
}

}  // namespace punctual::simulation
