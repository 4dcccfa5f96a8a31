#include "storage/subscribers.hpp"

#include <utility>

namespace punctual::storage {

Subscription Subscribers::add(Subscriber subscriber) {
  const std::lock_guard lock(mutex_);
  const auto place = subscribers_.insert(subscribers_.end(), std::move(subscriber));
  return {&*place, [this, place](void*) {
            const std::lock_guard removing(mutex_);
            subscribers_.erase(place);
          }};
}

void Subscribers::tell(const Notification& notification) {
  const std::lock_guard lock(mutex_);
  for (const Subscriber& subscriber : subscribers_)
    subscriber(notification);
}

}  // namespace punctual::storage
