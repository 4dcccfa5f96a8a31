#include "access/throttle.hpp"

#include <algorithm>

namespace punctual::access {

namespace {

constexpr std::size_t key_bytes_max = 128;

std::string key_of(std::string_view text) {
  std::string key(text.substr(0, key_bytes_max));
  std::ranges::transform(key, key.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return key;
}

// After so many attempts that all failed.
deadline::Duration wait_after(std::uint32_t attempts, std::uint32_t free, deadline::Duration wait_max) {
  if (attempts < free) return {};
  constexpr std::uint32_t doublings_max = 20;
  const auto wait = LogInThrottle::first_wait * (1 << std::min(attempts - free, doublings_max));
  return std::min<deadline::Duration>(wait, wait_max);
}

template <class Entries>
deadline::Duration left(const Entries& entries, const std::string& key, deadline::Instant now) {
  const auto found = entries.find(key);
  if (found == entries.end()) return {};
  return std::max<deadline::Duration>(found->second.next - now, {});
}

template <class Entries>
void make_room(Entries& entries, deadline::Instant now) {
  if (entries.size() < LogInThrottle::entries_max) return;
  std::erase_if(entries,
                [&](const auto& one) { return now - one.second.last > LogInThrottle::forgotten_after; });
  if (entries.size() < LogInThrottle::entries_max) return;
  entries.erase(std::ranges::min_element(
      entries, {}, [](const auto& one) { return std::pair(one.second.attempts, one.second.last); }));
}

template <class Entries>
void count(Entries& entries, const std::string& key, deadline::Instant now, std::uint32_t free,
           deadline::Duration wait_max) {
  if (!entries.contains(key)) make_room(entries, now);
  auto& entry = entries[key];
  if (now - entry.last > LogInThrottle::forgotten_after) entry.attempts = 0;
  ++entry.attempts;
  entry.last = now;
  entry.next = now + wait_after(entry.attempts, free, wait_max);
}

}  // namespace

deadline::Duration LogInThrottle::begin(std::string_view name, std::string_view peer, deadline::Instant now) {
  const auto name_key = key_of(name);
  const auto peer_key = key_of(peer);
  const std::scoped_lock lock(mutex_);
  const auto wait = std::max(left(names_, name_key, now), left(peers_, peer_key, now));
  if (wait > deadline::Duration(0)) return wait;
  count(names_, name_key, now, free_of_name, wait_of_name_max);
  count(peers_, peer_key, now, free_of_peer, wait_of_peer_max);
  return {};
}

void LogInThrottle::succeeded(std::string_view name, std::string_view peer) {
  const std::scoped_lock lock(mutex_);
  const auto of_name = names_.find(key_of(name));
  if (of_name != names_.end()) names_.erase(of_name);
  const auto found = peers_.find(key_of(peer));
  if (found == peers_.end()) return;
  if (--found->second.attempts == 0) {
    peers_.erase(found);
  } else {
    found->second.next = found->second.last;
  }
}

std::size_t LogInThrottle::entries() const {
  const std::scoped_lock lock(mutex_);
  return names_.size() + peers_.size();
}

}  // namespace punctual::access
