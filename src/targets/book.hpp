// All targets that were asked since the start, shared by the cores and the management plane.
//
// `find` takes a lock and is for a target's first use on a core; `Seen` is a core's own way to those it
// knows. Bounded: clients choose models' names, so beyond `targets_max` what is new shares one target per
// provider.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "targets/target.hpp"

namespace punctual::targets {

class Book {
 public:
  static constexpr std::size_t targets_max = 1024;
  // What the shared targets are called.
  static constexpr std::string_view others = "*";

  // `home`: where those who wait for slots are ordered; must outlive the targets' use.
  explicit Book(SlotQueue::Post home);
  Book(const Book&) = delete;
  Book& operator=(const Book&) = delete;

  // Any thread. Never nullptr.
  std::shared_ptr<Target> find(std::string_view provider, std::string_view model);
  // nullptr: it was never asked.
  std::shared_ptr<Target> known(std::string_view provider, std::string_view model) const;
  // In the order of provider and model.
  std::vector<std::shared_ptr<Target>> all() const;
  // Moves whenever somebody's place in a queue for slots may have changed. Any thread, without waiting.
  std::uint64_t queue_moves() const { return queue_moves_->load(std::memory_order_relaxed); }

 private:
  using Models = std::map<std::string, std::shared_ptr<Target>, std::less<>>;

  // Shared with what is on its way to the home thread.
  std::shared_ptr<std::atomic<std::uint64_t>> queue_moves_ = std::make_shared<std::atomic<std::uint64_t>>(0);
  SlotQueue::Post home_;
  mutable std::mutex mutex_;
  std::map<std::string, Models, std::less<>> targets_;
  std::size_t count_ = 0;
};

// The targets that one core knows. One thread only; the book must outlive it.
class Seen {
 public:
  explicit Seen(Book& book) : book_(book) {}

  // Valid as long as the book.
  Target& operator()(std::string_view provider, std::string_view model);

 private:
  Book& book_;
  std::map<std::string, std::map<std::string, std::shared_ptr<Target>, std::less<>>, std::less<>> known_;
  std::size_t count_ = 0;
};

}  // namespace punctual::targets
