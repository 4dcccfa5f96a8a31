// The upstream that the proxies call: as little server as there can be, so that it is never what is measured.
//
// It answers at once, or opens a stream and sends events when it is told to. Lives on its lab's loop; `stop`
// it, and let the loop run until `sessions` is 0, before destroying it.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/intrusive_list.hpp"
#include "base/task.hpp"
#include "bench/lab.hpp"
#include "net/acceptor.hpp"

namespace punctual::bench {

// What it does with a request.
enum class Behaviour : std::uint8_t {
  answer,  // a whole answer
  stream,  // a head and one event; more when asked
  silent,  // nothing
};

class Upstream {
 public:
  using Closed = std::function<void(std::uint64_t number, deadline::Instant at)>;

  static std::expected<std::unique_ptr<Upstream>, std::string> listen(Lab& lab);
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  std::uint16_t port() const { return port_; }
  std::size_t sessions() const { return session_count_; }
  // Streams, and requests without an answer, that are open.
  std::size_t waiting() const { return waiting_.size(); }

  // Of the requests that come from now on.
  void behave(Behaviour behaviour) { behaviour_ = behaviour; }
  // Who is to hear when the connection of a stream, or of a request without an answer, was closed.
  void on_closed(Closed closed) { closed_ = std::move(closed); }

  // False when there is no such stream, or its socket does not take it.
  bool send_event(std::uint64_t number);

  void stop();

 private:
  struct Session : base::ListNode<Session> {
    Session(std::unique_ptr<net::Stream> stream_of_it, base::ReadyQueue& ready)
        : signals(ready), stream(std::move(stream_of_it)) {}

    base::Signals signals;
    std::unique_ptr<net::Stream> stream;
    std::string inbox;         // the beginning of a request that did not come in one piece
    std::uint64_t number = 0;  // of the stream that is open on it
  };

  explicit Upstream(Lab& lab) : lab_(lab) {}
  base::Task<void> serve(std::unique_ptr<Session> own);
  bool read_requests(Session& session, std::string_view bytes);
  bool handle(Session& session, std::string_view body);
  bool send(Session& session, std::string_view bytes);

  Lab& lab_;
  std::unique_ptr<net::Acceptor> acceptor_;
  std::uint16_t port_ = 0;
  Behaviour behaviour_ = Behaviour::answer;
  Closed closed_;
  base::IntrusiveList<Session> sessions_;
  std::size_t session_count_ = 0;
  std::unordered_map<std::uint64_t, Session*> waiting_;
};

}  // namespace punctual::bench
