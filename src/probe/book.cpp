#include "probe/book.hpp"

#include <algorithm>
#include <array>

namespace punctual::probe {

namespace {

constexpr std::array<std::string_view, 5> names = {"open", "whole", "hung_up", "blocked", "stopped"};

}  // namespace

std::string_view name_of(StallState state) {
  return names[static_cast<std::size_t>(state)];
}

std::optional<StallState> stall_state_named(std::string_view name) {
  const auto* found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<StallState>(found - names.begin());
}

std::expected<Book::Place, Book::Refusal> Book::begin(const StallRequest& request, std::string_view owner) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [now](const Entry& entry) {
    return entry.seen.state != StallState::open && entry.began + entry.seen.lasted + remembered_for < now;
  });
  const auto is_open = [](const Entry& entry) { return entry.seen.state == StallState::open; };
  const auto is_open_of_owner = [&](const Entry& entry) { return is_open(entry) && entry.owner == owner; };
  if (static_cast<std::size_t>(std::ranges::count_if(entries_, is_open_of_owner)) >= open_of_owner_max)
    return std::unexpected(Refusal::owner_has_enough);
  if (static_cast<std::size_t>(std::ranges::count_if(entries_, is_open)) >= open_max)
    return std::unexpected(Refusal::all_taken);
  if (entries_.size() >= remembered_max) {
    const auto oldest = std::ranges::find_if_not(entries_, is_open);
    entries_.erase(oldest);
  }
  entries_.push_back({++last_id_, request.run, std::string(owner), {request.kind, request.duration}, now});
  return Place(*this, last_id_);
}

std::vector<SeenStall> Book::of_run(std::string_view run, std::string_view owner) const {
  std::vector<SeenStall> found;
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  for (const auto& entry : entries_) {
    if (entry.run != run || entry.owner != owner) continue;
    found.push_back(entry.seen);
    if (entry.seen.state == StallState::open) found.back().lasted = now - entry.began;
  }
  return found;
}

void Book::note_end(std::uint64_t id, StallState state) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  const auto entry = std::ranges::find(entries_, id, &Entry::id);
  if (entry == entries_.end()) return;
  entry->seen.state = state;
  entry->seen.lasted = now - entry->began;
}

}  // namespace punctual::probe
