// Who is told of notifications. Any thread; one call at a time.
#pragma once

#include <list>
#include <mutex>

#include "storage/notification.hpp"

namespace punctual::storage {

class Subscribers {
 public:
  Subscription add(Subscriber subscriber);
  void tell(const Notification& notification);

 private:
  std::mutex mutex_;
  std::list<Subscriber> subscribers_;
};

}  // namespace punctual::storage
