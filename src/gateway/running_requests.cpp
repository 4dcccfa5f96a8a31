#include "gateway/running_requests.hpp"

#include "gateway/core.hpp"

namespace punctual::gateway {

std::vector<RunningRequest> running_requests(Core& core) {
  std::vector<RunningRequest> all;
  core.running.for_each([&all](RunningEntry& entry) { all.push_back(entry.describe()); });
  return all;
}

bool cancel_request(Core& core, std::string_view request_id) {
  bool found = false;
  core.running.for_each([&](RunningEntry& entry) {
    if (entry.id() != request_id) return;
    entry.cancel();
    found = true;
  });
  return found;
}

}  // namespace punctual::gateway
