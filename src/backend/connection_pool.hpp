// Upstream connections kept open between requests, per loop.
//
// A connection is given out only while its socket is silent: one that the upstream has closed, or that has
// bytes on it nobody asked for, is dropped without a system call, because its readiness is known. Idle ones
// are closed before the peer's own limit: 4 s, below the 5 s of uvicorn (vLLM, SGLang), or a second before
// what the peer's `Keep-Alive: timeout=` says. One thread only.
#pragma once

#include <memory>
#include <vector>

#include "deadline/wheel.hpp"
#include "http/response_parser.hpp"
#include "net/network.hpp"
#include "net/runtime.hpp"

namespace punctual::backend {

struct Connection {
  std::unique_ptr<net::Stream> stream;
  http::ResponseParser parser;
  deadline::Duration idle_max = std::chrono::seconds(4);
  deadline::Instant idle_until{};

  // Takes from the answer's head how long the connection may be idle afterwards, if that says so.
  void note_head();
};

class ConnectionPool {
 public:
  static constexpr std::size_t idle_per_endpoint_max = 1024;

  explicit ConnectionPool(net::Runtime& runtime)
      : runtime_(runtime), sweep_(&ConnectionPool::sweep_due, this) {}

  // The connection used last, or nullptr.
  std::unique_ptr<Connection> take(const net::Endpoint& endpoint);
  // Keeps a connection whose answer was read to its end.
  void give_back(const net::Endpoint& endpoint, std::unique_ptr<Connection> connection);
  // Closes all that is idle.
  void clear() { shelves_.clear(); }

 private:
  struct Shelf {
    net::Endpoint endpoint;
    std::vector<std::unique_ptr<Connection>> idle;
  };

  Shelf& shelf(const net::Endpoint& endpoint);
  static void sweep_due(void* self) { static_cast<ConnectionPool*>(self)->sweep(); }
  void sweep();

  net::Runtime& runtime_;
  std::vector<std::unique_ptr<Shelf>> shelves_;
  deadline::Timer sweep_;
};

}  // namespace punctual::backend
