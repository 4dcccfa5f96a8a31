// Wakes one thread that waits, from any other; a wake before the wait is not lost. Without a lock.
#pragma once

#include <optional>

#include "deadline/clock.hpp"

namespace punctual::requestlog {

class Waker {
 public:
  Waker();
  ~Waker();
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  void wake() noexcept;
  // Until it is woken, or that much real time has passed; nullopt: for however long. May return early.
  void wait(std::optional<deadline::Duration> limit) noexcept;

 private:
  int descriptor_;
};

}  // namespace punctual::requestlog
