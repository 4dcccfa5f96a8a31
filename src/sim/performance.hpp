// One answer, given as the behaviour says: the delays, the noises while silent, the fault.
//
// Lives in the session for the time of the answer. Times count from when the request was whole.
#pragma once

#include <cstdint>
#include <optional>

#include "base/task.hpp"
#include "sim/body.hpp"
#include "sim/line.hpp"
#include "sim/script.hpp"

namespace punctual::sim {

// What became of an answer, and so of its connection.
enum class Outcome : std::uint8_t {
  whole,  // the answer is complete
  cut,    // an ordered fault: the connection is unusable
  lost,   // the client went away, or the server was stopped
};

class Performance {
 public:
  Performance(Line& line, const Ask& ask, int minor_version, bool keep_alive);

  base::Task<Outcome> run();

 private:
  enum class Noise : std::uint8_t { events, white_space, none };

  base::Task<Outcome> give_stream(Script script);
  base::Task<Outcome> give_document(Document document);
  base::Task<Outcome> give_error(int status, std::string_view message, std::string_view code);
  base::Task<Outcome> give_garbage();
  base::Task<Outcome> finish();
  base::Task<Outcome> fail(const Script& script);

  // Sends what waits to be sent, then is silent until `due`, but for the noises. Does nothing if it is due.
  base::Task<bool> quiet_until(deadline::Instant due, const Script& script);
  void make_noise(const Script& script);
  void restart_noises();

  void write_head(std::string_view content_type, std::optional<std::size_t> length);
  bool faults_now() const { return fault_ && fault_->after == given_; }
  deadline::Instant after(deadline::Duration time) const { return started_ + time; }

  Line& line_;
  const Ask& ask_;
  const Behaviour& behaviour_;
  const std::optional<Fault> fault_;
  const deadline::Instant started_;
  Body body_;
  std::uint64_t given_ = 0;  // tokens
  std::uint64_t progress_ = 0;
  Noise noise_ = Noise::none;
  deadline::Instant comment_at_ = deadline::Instant::max();
  deadline::Instant empty_delta_at_ = deadline::Instant::max();
  deadline::Instant progress_at_ = deadline::Instant::max();
  const int minor_version_;
  const bool keep_alive_;
};

}  // namespace punctual::sim
