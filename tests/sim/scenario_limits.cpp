#include "sim/scenario_limits.hpp"

#include <algorithm>
#include <cstdio>

namespace punctual::simulation {

std::string seconds_text(std::uint64_t milliseconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%llu.%03llu", static_cast<unsigned long long>(milliseconds / 1000),
                static_cast<unsigned long long>(milliseconds % 1000));
  return text;
}

DrawnSettings draw_settings(Dice& dice) {
  DrawnSettings settings;
  settings.text = "[timeouts]\n";
  const auto maybe = [&](const std::string& key, int percent, std::uint64_t least, std::uint64_t most) {
    std::optional<std::uint64_t> value;
    if (!dice.chance(percent)) return value;
    value = dice.milliseconds(least, most);
    settings.text += key + " = " + seconds_text(*value) + "\n";
    return value;
  };
  settings.chat_ms = maybe("chat_seconds", 30, 500, 300'000);
  settings.completions_ms = maybe("completions_seconds", 30, 500, 300'000);
  settings.embeddings_ms = maybe("embeddings_seconds", 60, 500, 120'000);
  maybe("receive_head_seconds", 30, 200, 30'000);
  maybe("receive_seconds", 30, 200, 60'000);
  maybe("connect_seconds", 30, 100, 10'000);
  maybe("first_token_seconds", 30, 200, 60'000);
  maybe("idle_seconds", 50, 200, 60'000);
  maybe("attempt_seconds", 20, 200, 60'000);
  maybe("drain_seconds", 50, 200, 60'000);
  maybe("queue_seconds", 30, 100, 30'000);
  if (dice.chance(15)) {
    settings.text += "heartbeat_seconds = 0\n";
  } else {
    maybe("heartbeat_seconds", 50, 100, 15'000);
  }
  settings.text += "[server]\n";
  maybe("keep_alive_seconds", 30, 500, 60'000);
  return settings;
}

std::string draw_rule_timeouts(Dice& dice, std::optional<std::uint64_t>& total_ms) {
  std::string text;
  const auto maybe = [&](const std::string& key, int percent, std::uint64_t least, std::uint64_t most) {
    std::optional<std::uint64_t> value;
    if (!dice.chance(percent)) return value;
    value = dice.milliseconds(least, most);
    text += (text.empty() ? "" : ", ") + key + " = " + seconds_text(*value);
    return value;
  };
  total_ms = maybe("total_seconds", 30, 500, 300'000);
  maybe("first_token_seconds", 50, 100, 30'000);
  maybe("attempt_seconds", 20, 200, 30'000);
  maybe("idle_seconds", 20, 200, 30'000);
  maybe("connect_seconds", 20, 100, 10'000);
  return text;
}

namespace {

using deadline::Duration;
using std::chrono::milliseconds;

Duration less_margin(Duration patience) {
  const Duration wanted = std::max<Duration>(milliseconds(250), patience / 50);
  return patience - std::min<Duration>({wanted, std::chrono::seconds(2), patience / 2});
}

}  // namespace

void draw_request_limits(Dice& dice, const DrawnSettings& settings,
                         std::optional<std::uint64_t> rule_total_ms, PlannedRequest& request) {
  const auto endpoint = endpoint_of(request.asking.route);
  const auto& set = endpoint == "chat"          ? settings.chat_ms
                    : endpoint == "completions" ? settings.completions_ms
                                                : settings.embeddings_ms;
  request.total = std::chrono::seconds(total_seconds_of(request.asking.route));
  request.total_source = "default";
  if (set) {
    request.total = milliseconds(*set);
    request.total_source = "file timeouts." + std::string(endpoint) + "_seconds";
  }
  request.total_before_body = request.total;
  const auto without_header = request.total;
  if (rule_total_ms) {
    request.total = milliseconds(*rule_total_ms);
    request.total_source = "rule " + request.asking.model + ": total_seconds";
  }
  const auto shorten = [&](Duration to, const std::string& source) {
    if (source != "request timeout" && !source.ends_with("read-timeout"))
      request.total_before_body = std::min(request.total_before_body, to);
    if (to >= request.total) return;
    request.total = to;
    request.total_source = source;
  };
  if (dice.chance(15)) {
    const auto limit = dice.milliseconds(50, 60'000);
    request.asking.headers += "X-Request-Timeout: " + seconds_text(limit) + "\r\n";
    shorten(milliseconds(limit), "request X-Request-Timeout");
  }
  if (dice.chance(10)) {
    const auto limit = dice.milliseconds(50, 60'000);
    request.asking.members += ",\"timeout\":" + seconds_text(limit);
    shorten(milliseconds(limit), "request timeout");
  }
  if (dice.chance(15)) {
    const auto patience = dice.milliseconds(50, 120'000);
    request.asking.headers += "x-stainless-timeout: " + seconds_text(patience) + "\r\n";
    shorten(less_margin(milliseconds(patience)), "patience x-stainless-timeout");
  }
  if (dice.chance(15)) {
    const auto patience = dice.milliseconds(200, 120'000);
    request.asking.headers += "x-stainless-read-timeout: " + seconds_text(patience) + "\r\n";
    if (!request.asking.stream)
      shorten(less_margin(milliseconds(patience)), "patience x-stainless-read-timeout");
  }
  // Refused, once it is whole.
  if (!dice.chance(3)) return;
  request.asking.headers += "X-Request-Timeout: never\r\n";
  request.total_before_body = without_header;
}

}  // namespace punctual::simulation
