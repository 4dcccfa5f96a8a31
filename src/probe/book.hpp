// The stalls that go on, and how those ended that the gateway remembers: its side of what a probe sees.
//
// Bounded: so many at once for each who asks and for the process, so many remembered, for a while. Any
// thread; a place is taken on a management thread and given back on a loop's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "deadline/clock.hpp"
#include "probe/stall.hpp"

namespace punctual::probe {

enum class StallState : std::uint8_t {
  open,
  whole,    // to its end
  hung_up,  // what is next to the gateway closed the connection before
  blocked,  // nobody read what was sent
  stopped,  // the gateway is about to end
};
std::string_view name_of(StallState state);
std::optional<StallState> stall_state_named(std::string_view name);

struct SeenStall {
  StallKind kind = StallKind::silent_answer;
  deadline::Duration asked{};
  StallState state = StallState::open;
  deadline::Duration lasted{};  // until now, while it is open
};

class Book {
 public:
  static constexpr std::size_t open_max = 32;          // of the process
  static constexpr std::size_t open_of_owner_max = 4;  // as many as one run needs
  static constexpr std::size_t remembered_max = 512;
  static constexpr deadline::Duration remembered_for = std::chrono::minutes(30);

  enum class Refusal : std::uint8_t { owner_has_enough, all_taken };

  explicit Book(const deadline::Clock& clock) : clock_(clock) {}

  // One stall. Its end is noted once, at the latest when it is destroyed. The book outlives it.
  class Place {
   public:
    Place(Book& book, std::uint64_t id) : book_(&book), id_(id) {}
    Place(Place&& other) noexcept : book_(std::exchange(other.book_, nullptr)), id_(other.id_) {}
    Place& operator=(Place&&) = delete;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { end(StallState::hung_up); }
    void end(StallState state) {
      if (auto* book = std::exchange(book_, nullptr)) book->note_end(id_, state);
    }

   private:
    Book* book_;
    std::uint64_t id_;
  };

  // `owner`: whoever asks, as an API key's id or an address.
  std::expected<Place, Refusal> begin(const StallRequest& request, std::string_view owner);

  // In the order of their begins; empty when the run is not known, or is another owner's.
  std::vector<SeenStall> of_run(std::string_view run, std::string_view owner) const;

 private:
  struct Entry {
    std::uint64_t id = 0;
    std::string run;
    std::string owner;
    SeenStall seen;
    deadline::Instant began;
  };

  void note_end(std::uint64_t id, StallState state);

  const deadline::Clock& clock_;
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;  // oldest first
  std::uint64_t last_id_ = 0;
};

}  // namespace punctual::probe
