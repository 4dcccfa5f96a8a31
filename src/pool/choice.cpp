#include "pool/choice.hpp"

#include <algorithm>
#include <utility>

namespace punctual::pool {

std::optional<std::vector<std::size_t>> who_leaves(std::span<const Resident> residents, const Need& need,
                                                   deadline::Instant now) {
  std::uint64_t kept = 0;
  std::vector<std::size_t> may_leave;
  for (std::size_t place = 0; place < residents.size(); ++place) {
    const auto& resident = residents[place];
    if (resident.leaving) continue;
    kept += resident.bytes;
    const bool settled = now - resident.ready_since >= need.residence_min;
    if (!resident.pinned && !resident.busy && settled) may_leave.push_back(place);
  }
  std::ranges::sort(may_leave, {},
                    [&](std::size_t place) { return std::pair(residents[place].last_used, place); });
  std::vector<std::size_t> leave;
  for (const auto place : may_leave) {
    if (kept + need.bytes <= need.limit) break;
    kept -= residents[place].bytes;
    leave.push_back(place);
  }
  if (kept + need.bytes > need.limit && !need.even_if_not_enough) return std::nullopt;
  return leave;
}

}  // namespace punctual::pool
