// Requests as a client writes them: which route, streaming or not, what model, what it says about time.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace punctual::simulation {

enum class Route : std::uint8_t { chat, completions, embeddings, messages, responses };

// Those that are passed on as they are, each to an upstream of its own dialect.
inline constexpr std::array all_routes = {Route::chat, Route::completions, Route::embeddings,
                                          Route::messages};

// "chat", "completions", ...; the endpoint whose limits and counters apply; the path.
std::string_view name_of(Route route);
std::string_view endpoint_of(Route route);
std::string_view path_of(Route route);
inline bool can_stream(Route route) {
  return route != Route::embeddings;
}
// A provider that speaks the route's dialect, and a simulated model of it: "alpha/sim:never".
std::string_view upstream_of(Route route);
std::string model_of(Route route, std::string_view options);
// The default of `total`.
int total_seconds_of(Route route);

struct Asking {
  Route route = Route::chat;
  bool stream = false;
  std::string model = "alpha/sim:tokens=4";
  std::string headers = {};  // lines with their ends: "X-Request-Timeout: 5\r\n"
  std::string members = {};  // of the body, each with a comma before: ",\"timeout\":5"
  int minor_version = 1;

  std::string body() const;
  std::string head() const;
  std::string text() const { return head() + body(); }
};

}  // namespace punctual::simulation
