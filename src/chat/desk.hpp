// How many chats there may be at once, of all cores. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace punctual::chat {

class Desk {
 public:
  static constexpr std::size_t chats_max = 32;

  // A place for one chat, given back at its end. The desk outlives it.
  class Place {
   public:
    explicit Place(std::atomic<std::size_t>& taken) : taken_(&taken) {}
    Place(Place&& other) noexcept : taken_(std::exchange(other.taken_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      if (taken_) taken_->fetch_sub(1);
    }

   private:
    std::atomic<std::size_t>* taken_;
  };

  // Nothing: all are taken.
  std::optional<Place> take() {
    if (taken_.fetch_add(1) < chats_max) return Place(taken_);
    taken_.fetch_sub(1);
    return std::nullopt;
  }

  std::size_t taken() const { return taken_; }

 private:
  std::atomic<std::size_t> taken_ = 0;
};

}  // namespace punctual::chat
