// What a probe asks of the gateway: to be silent in one of four ways, for so long.
//
// `punctual doctor --url` asks for them through everything that stands between it and the gateway, and sees
// which layer does not wait. They cost what an idle connection costs, and are bounded in time and number.
#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "deadline/clock.hpp"
#include "settings/error.hpp"

namespace punctual::probe {

enum class StallKind : std::uint8_t {
  silent_answer,   // not a byte before the end: an answer in one piece that takes long
  silent_stream,   // a stream whose first event comes at once, and nothing before the end
  beating_stream,  // the same with heartbeats
  trickle,         // an event every `trickle_interval`
};
inline constexpr std::size_t stall_kind_count = 4;

std::string_view name_of(StallKind kind);
std::optional<StallKind> stall_kind_named(std::string_view name);

inline constexpr deadline::Duration stall_min = std::chrono::milliseconds(100);
inline constexpr deadline::Duration stall_max = std::chrono::seconds(900);
inline constexpr deadline::Duration trickle_interval = std::chrono::milliseconds(100);
inline constexpr std::size_t run_bytes_max = 64;

// What the last event of a stream, and the answer in one piece, hold when nothing cut them.
inline constexpr std::string_view whole_document = R"({"probe":"whole"})";

struct StallRequest {
  std::string run;  // of the client's choice: what belongs together; letters, digits, '-', '_'
  StallKind kind = StallKind::silent_answer;
  deadline::Duration duration{};
};

bool is_run_name(std::string_view text);

// {"run": "4f1c...", "kind": "silent_stream", "seconds": 310}
settings::Result<StallRequest> read_stall_request(const boost::json::object& body);

}  // namespace punctual::probe
