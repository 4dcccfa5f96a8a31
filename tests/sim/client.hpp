// A client of the gateway over one connection: says what it is told to, reads as it is told to, and remembers
// what came, and when.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/memory_stream.hpp"
#include "net/wakeup.hpp"
#include "sim/half_close_stream.hpp"
#include "sim/world.hpp"

namespace punctual::simulation {

struct ClientOptions {
  net::MemoryStreamOptions to_gateway = {};
  net::MemoryStreamOptions to_client = {};
};

class Client final : public Actor {
 public:
  // Bytes that came together.
  struct Arrival {
    deadline::Instant at;
    std::string bytes;
  };
  enum class End : std::uint8_t { open, closed, reset };

  // Connects at once.
  explicit Client(World& world, const ClientOptions& options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Queues the bytes; they go as far as the connection takes them.
  void send(std::string_view bytes) { unsent_.append(bytes); }
  void hang_up();
  void reset();
  void finish_sending();

  void read_all() { read_bytes_ = SIZE_MAX; }
  void stop_reading() { read_bytes_ = 0; }
  // At most so many bytes each `every`.
  void read_slowly(std::size_t bytes, deadline::Duration every);

  bool act() override;

  const std::vector<Arrival>& arrivals() const { return arrivals_; }
  std::string raw() const;
  // How the connection ended, as this side saw it, and when. Open after its own hanging up.
  End end() const { return end_; }
  deadline::Instant ended_at() const { return ended_at_; }
  // When the connection had taken so many bytes; Instant::max() if it never did.
  deadline::Instant sent_at(std::size_t bytes) const;
  // It hung up, and when.
  bool left() const { return left_; }
  deadline::Instant left_at() const { return left_at_; }
  deadline::Instant connected_at() const { return connected_at_; }

 private:
  bool write();
  bool read();

  World& world_;
  std::shared_ptr<HalfClose> half_ = std::make_shared<HalfClose>();
  std::unique_ptr<net::Stream> stream_;
  base::Signals signals_;
  net::Wakeup next_read_;
  std::string unsent_;
  std::vector<std::pair<std::size_t, deadline::Instant>> sent_;  // bytes in all, and since when
  std::vector<Arrival> arrivals_;
  std::size_t read_bytes_ = SIZE_MAX;
  deadline::Duration read_every_{};
  deadline::Instant read_again_at_{};
  deadline::Instant ended_at_ = deadline::Instant::max();
  deadline::Instant left_at_ = deadline::Instant::max();
  deadline::Instant connected_at_{};
  End end_ = End::open;
  bool left_ = false;
};

}  // namespace punctual::simulation
