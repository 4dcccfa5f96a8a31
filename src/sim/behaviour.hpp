// How the simulated upstream is to behave, read from the model's name: "sim:tokens=64,ttft_ms=200,no_done".
//
// The options and their meaning are in README.md. Numbers are whole and bounded; a flag may stand alone or
// have 0 or 1. A friendly name (sim-fast) stands for a list of options and may be followed by more.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "deadline/clock.hpp"

namespace punctual::sim {

// What goes wrong, once, after so many tokens.
struct Fault {
  enum class Kind : std::uint8_t { hang, reset, close, garbage, error };
  Kind kind = Kind::hang;
  std::uint64_t after = 0;
};

struct Behaviour {
  using Duration = deadline::Duration;

  std::uint64_t tokens = 16;
  std::uint64_t from = 0;        // added to the number that each has
  std::uint64_t reasoning = 0;   // tokens of reasoning before them
  std::uint64_t tool_calls = 0;  // behind them
  std::uint64_t rounds = 0;      // of the calls that `sql` makes; 0: as many as are written
  std::uint64_t bytes = 0;       // of the body, or of each event of a stream; 0: as it comes

  Duration ttft{};
  Duration itl{};
  std::optional<Duration> headers;
  std::optional<Duration> byte;  // each byte of the body waits so long

  Duration comment_every{};  // zero: never; all three only while nothing else is sent
  Duration empty_deltas_every{};
  Duration progress_every{};

  std::optional<std::uint64_t> hang_after;
  std::optional<std::uint64_t> reset_after;
  std::optional<std::uint64_t> close_after;
  std::optional<std::uint64_t> garbage_after;
  std::optional<std::uint64_t> error_after;

  std::optional<std::uint64_t> status;
  std::optional<Duration> keepalive;
  std::optional<bool> usage;  // unset: as the request wants it
  bool never = false;
  bool no_done = false;
  bool no_end = false;
  bool length = false;
  bool split = false;
  bool echo = false;
  bool sql = false;  // tools are called as the user has written (tool_script.hpp)

  // The fault that comes first.
  std::optional<Fault> fault() const;
};

// The error is a sentence that names the option that is unknown or malformed. The prefix "sim:" (also "sim/",
// a provider's name) may be missing.
std::expected<Behaviour, std::string> parse_behaviour(std::string_view model);

struct FriendlyModel {
  std::string_view name;
  std::string_view options;
};

// For lists, and for a first try.
inline constexpr std::array<FriendlyModel, 4> friendly_models = {{
    {"sim-fast", "tokens=64,ttft_ms=50,itl_ms=5"},
    {"sim-slow", "tokens=64,ttft_ms=2000,itl_ms=200"},
    {"sim-stalls", "tokens=64,ttft_ms=200,itl_ms=20,hang_after=10"},
    {"sim-sql", "sql,tokens=4,ttft_ms=50,itl_ms=5"},
}};

}  // namespace punctual::sim
