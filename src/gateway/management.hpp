// The door to what is not answered on a loop: the management API and the web pages, which may wait for a
// database. The gateway knows only this; who is behind it is wired by the application.
//
// A request goes there as one value, the answer comes back as one, whole or as a stream that is pulled piece
// by piece, so that a slow reader holds one piece and no more.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "deadline/clock.hpp"

namespace punctual::gateway {

struct ManagementRequest {
  std::string method;
  std::string path;
  std::string query;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string request_id;
  std::string client;  // the peer's address
  std::string key_id;  // of the API key, where one was shown below /v1; empty: none
  std::string key_name;
  bool secure = false;
  deadline::Instant until{};  // nobody waits for the answer after this
  // Becomes true when nobody waits for it any more, before that: the client has gone. nullptr: it never is.
  std::shared_ptr<const std::atomic<bool>> given_up = {};

  // The first of that lower-case name; empty when there is none.
  std::string_view header(std::string_view name) const;
  // Any thread.
  bool is_given_up() const { return given_up && given_up->load(std::memory_order_relaxed); }
};

// The rest of an answer. `next` is called on a management thread, never twice at once.
class ManagementStream {
 public:
  enum class State : std::uint8_t {
    more,     // ask again when this is sent
    waiting,  // nothing now: ask again when `ready`, or after a while
    ended,
    failed,  // the body cannot be made whole: the connection is aborted
  };

  virtual ~ManagementStream() = default;
  // Appends to `out`; until `until` at most.
  virtual State next(std::string& out, deadline::Instant until) = 0;
  // Any thread, without waiting: whether `next` would have something.
  virtual bool ready() const { return true; }
};

class LiveAnswer;

struct ManagementAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::shared_ptr<ManagementStream> stream;  // follows the body; nullptr: the body is all
  std::shared_ptr<LiveAnswer> live = {};     // likewise, made on the loop; at most one of the two
};

class Management {
 public:
  // Any thread.
  virtual bool owns(std::string_view path) const = 0;
  // How large the body of a request for `path` may be.
  virtual std::size_t body_bytes_max(std::string_view path) const = 0;
  // A loop's thread; must not wait. `done` is called once, on any thread, or never at the end of the process.
  virtual void answer(ManagementRequest request, std::function<void(ManagementAnswer)> done) = 0;
  using Pulled = std::function<void(ManagementStream::State, std::string)>;
  virtual void pull(std::shared_ptr<ManagementStream> stream, deadline::Instant until, Pulled done) = 0;

 protected:
  ~Management() = default;
};

}  // namespace punctual::gateway
