// The management side of the gateway's door: finds the route, asks the guard, answers on a thread that may
// wait for the database.
//
// One thread a lane, each with a bounded queue and a connection of its own to the database. A full queue
// answers 503 at once. At the end of the process what waits is dropped.
#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "control/route.hpp"
#include "control/services.hpp"
#include "gateway/management.hpp"

namespace punctual::control {

class Server final : public gateway::Management {
 public:
  static constexpr std::size_t queued_max = 256;  // of a lane

  explicit Server(Services& services);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Of all requests that were handed over, none is answered after this.
  void stop();

  bool owns(std::string_view path) const override;
  std::size_t body_bytes_max(std::string_view path) const override;
  void answer(gateway::ManagementRequest request,
              std::function<void(gateway::ManagementAnswer)> done) override;
  void pull(std::shared_ptr<gateway::ManagementStream> stream, deadline::Instant until, Pulled done) override;

 private:
  using Job = std::function<void(std::unique_ptr<storage::Connection>& reader)>;
  struct Worker {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Job> jobs;
    bool stopping = false;
    std::thread thread;
  };

  bool hand_over(Lane lane, Job job);
  void work(Worker& worker);
  Answer respond(const Route& route, std::vector<std::string> arguments,
                 const gateway::ManagementRequest& request, std::unique_ptr<storage::Connection>& reader);

  Services& services_;
  std::array<Worker, lane_count> workers_;
};

}  // namespace punctual::control
