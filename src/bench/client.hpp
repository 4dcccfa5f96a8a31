// One client connection of the load, and a crowd of them.
//
// A client connects, then waits to be told: `send` begins a request, `hang_up` leaves at once. What comes
// back is told to its hooks. All of a crowd live on its lab's loop; destroying the crowd closes them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/signals.hpp"
#include "base/task.hpp"
#include "bench/lab.hpp"
#include "bench/messages.hpp"

namespace punctual::bench {

class Client;

// What a benchmark wants to hear; those left empty are not called. A hook may call `send` and `hang_up`.
struct Hooks {
  std::function<void(Client&)> connected;
  std::function<void(Client&)> answered;                       // a whole answer that is no stream
  std::function<void(Client&, deadline::Instant sent)> event;  // an event of a stream
  std::function<void(Client&)> error_event;                    // an `event: error`
  std::function<void(Client&)> ended;                          // by the other side, or it never began
};

class Client {
 public:
  Client(Lab& lab, net::Endpoint endpoint, const Hooks& hooks, std::uint64_t number)
      : lab_(lab),
        endpoint_(std::move(endpoint)),
        hooks_(hooks),
        number_(number),
        signals_(lab.runtime().ready()) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void start() { base::spawn(run()); }
  void send(std::string_view request);
  void hang_up();

  std::uint64_t number() const { return number_; }
  int status() const { return head_.status; }
  const std::string& body() const { return body_; }  // of an answer, when `keep_body` was called
  void keep_body() { keeps_body_ = true; }
  bool busy() const { return busy_; }  // a request was sent, its answer is not whole
  bool finished() const { return finished_; }
  deadline::Instant sent_at() const { return sent_at_; }  // just before the last request was written

 private:
  base::Task<void> run();
  base::Task<bool> connect();
  void receive(std::string_view bytes);
  void receive_body(std::string_view bytes);

  Lab& lab_;
  net::Endpoint endpoint_;
  const Hooks& hooks_;
  std::uint64_t number_;
  base::Signals signals_;
  std::unique_ptr<net::Stream> stream_;
  deadline::Instant sent_at_{};
  AnswerHead head_;
  EventTimes times_;
  std::string partial_head_;
  std::string body_;
  std::uint64_t body_left_ = 0;
  bool in_body_ = false;
  bool keeps_body_ = false;
  bool busy_ = false;
  bool leaving_ = false;
  bool finished_ = false;
};

class Crowd {
 public:
  Crowd(Lab& lab, std::uint16_t port) : lab_(lab), port_(port) {}
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // To be set before clients are added, and not changed after.
  Hooks hooks;

  Client& add(std::uint64_t number);
  // Adds `count` clients with numbers from `first` on, at most `at_a_time` of which are not `ready` yet, so
  // that they don't wait for each other. False when they are not all ready within `limit`.
  bool gather(std::size_t count, std::uint64_t first, const std::function<std::size_t()>& ready,
              deadline::Duration limit, std::size_t at_a_time = 64);

  std::size_t size() const { return clients_.size(); }
  Client& at(std::size_t index) { return *clients_[index]; }
  // All hang up; the loop runs until they are gone.
  void disperse();

 private:
  Lab& lab_;
  std::uint16_t port_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace punctual::bench
