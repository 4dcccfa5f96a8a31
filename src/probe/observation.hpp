// What a probe saw from where the client stands: how each stall ended, whether events come one by one, and
// whether heartbeats come through. Made by `prober.hpp`, sent to the gateway, kept by it.
//
// JSON is strict in what it reads: it comes from whoever has an API key.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deadline/clock.hpp"
#include "probe/stall.hpp"
#include "settings/error.hpp"

namespace punctual::probe {

enum class Ending : std::uint8_t {
  whole,      // nothing cut it
  answered,   // another answer than the gateway's: of a layer between
  clean_end,  // a stream ended in order, but before its end: it looks like a success
  closed,     // the connection was closed in the middle
  reset,      // the connection was reset
  lost,       // nothing more came, not even an end
};
std::string_view name_of(Ending ending);
std::optional<Ending> ending_named(std::string_view name);

struct Observation {
  StallKind kind = StallKind::silent_answer;
  deadline::Duration asked{};
  // Until it ended: of silence, for a silent stream; else of the whole request.
  deadline::Duration lasted{};
  deadline::Duration ended_after{};  // of the whole request; not told to the gateway, which has its own
  Ending ending = Ending::whole;
  int status = 0;                        // of `answered`
  std::string hop = {};                  // who it was, in words; empty: nobody said so
  std::string hop_kind = {};             // of config::front_kinds; empty: not known
  std::size_t events = 0;                // that arrived, heartbeats included
  deadline::Duration longest_silence{};  // between two arrivals, of a beating stream
  bool in_lumps = false;                 // of a trickle: events did not come one by one
  std::string refusal = {};              // the gateway itself did not want to: why; nothing was seen then

  bool cut() const { return ending != Ending::whole; }
};

struct Report {
  std::string url;  // "https://host/v1"
  std::vector<Observation> observations;

  const Observation* of(StallKind kind) const;
};

inline constexpr std::size_t hop_bytes_max = 120;

boost::json::object to_json(const Report& report);
settings::Result<Report> read_report(const boost::json::object& body);

}  // namespace punctual::probe
