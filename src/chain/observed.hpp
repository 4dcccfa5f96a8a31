// What is known of layers that nobody declared: from the request log, and from a probe of the real path.
// Plain values, for `chain_of`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/endpoint.hpp"
#include "deadline/clock.hpp"

namespace punctual::chain {

// Clients that went away after nearly the same time. It suggests a limit of theirs, or of something in front;
// it proves none.
struct HangUps {
  config::Endpoint endpoint = config::Endpoint::chat;
  bool stream = false;
  std::uint64_t count = 0;
  double seconds = 0;  // the middle one
  double least_seconds = 0;
  double most_seconds = 0;
  deadline::WallTime from{};  // when the first and the last of them began
  deadline::WallTime to{};
};

// What clients said in their headers. Each is kept: such a request ends earlier, with an error that the
// client can read.
struct Sent {
  enum class What : std::uint8_t {
    limit,    // of the whole request, wished
    wait,     // how long the client waits for the whole answer
    silence,  // how long it waits for the next byte
  };
  config::Endpoint endpoint = config::Endpoint::chat;
  bool stream = false;
  What what = What::wait;
  std::string header = {};  // the one that said it most
  std::uint64_t count = 0;  // of the `of` latest such requests
  std::uint64_t of = 0;
  double least_seconds = 0;
  double usual_seconds = 0;  // what most of them said
};

// Where a probe of the real path was cut off.
struct ProbedWall {
  enum class Kind : std::uint8_t {
    silent_answer,  // an answer in one piece that did not begin
    silent_stream,  // a stream without a byte
    total_stream,   // a stream, although heartbeats came
  };
  enum class How : std::uint8_t { error, reset, clean_end };
  Kind kind = Kind::silent_answer;
  double seconds = 0;  // 0: it was not cut off (and only `buffers` is to tell)
  How how = How::error;
  std::string hop = {};  // the layer that it is likely to be, in words: "nginx"; may be empty
  deadline::WallTime at{};
  std::string by = {};   // who probed, or which way: "on the way to https://host/v1"
  bool buffers = false;  // it holds streams back
};

struct Observed {
  std::vector<HangUps> hang_ups;
  std::vector<Sent> sent;
  std::vector<ProbedWall> walls;
  std::string trouble;  // why the log could not be read; empty: it was, or there is none
};

}  // namespace punctual::chain
