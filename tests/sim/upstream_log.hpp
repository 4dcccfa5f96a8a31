// What the gateway asked of its upstreams, seen on the wire at the gateway's own end: the requests in the
// order of their heads, when each was over for the gateway, and how.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "deadline/clock.hpp"
#include "net/stream.hpp"

namespace punctual::simulation {

struct UpstreamCall {
  enum class End : std::uint8_t {
    open,
    whole,    // the answer came to its end
    broken,   // the upstream ended it, or sent what is no HTTP
    dropped,  // the gateway did
  };

  std::string host;
  std::string request_id;
  std::string model;  // known once the body was sent
  bool sent = false;  // to its last byte
  bool reused = false;
  bool answered = false;  // something came
  int status = 0;         // of the head; 0: none came
  End end = End::open;
  deadline::Instant begun{};
  deadline::Instant ended = deadline::Instant::max();
};

class UpstreamLog {
 public:
  // Wraps the gateway's end of a connection to `host`. The log must outlive it.
  std::unique_ptr<net::Stream> tap(std::unique_ptr<net::Stream> stream, std::string host,
                                   const deadline::Clock& clock);

  const std::list<UpstreamCall>& calls() const { return calls_; }
  // Those whose request was sent and whose end has not come.
  std::size_t open(const std::string& host, const std::string& model) const;

  // Called when a request was sent to its last byte.
  std::function<void(const UpstreamCall&)> on_sent;

 private:
  friend class TappedStream;
  std::list<UpstreamCall> calls_;
};

}  // namespace punctual::simulation
