#include "chat/desk.hpp"

namespace punctual::chat {

std::expected<Desk::Place, Desk::Full> Desk::take(const std::string& user) {
  const std::lock_guard lock(mutex_);
  if (all_ >= chats_max) return std::unexpected(Full::all);
  auto& own = taken_[user];
  if (own >= chats_of_user_max) return std::unexpected(Full::user);
  ++own;
  ++all_;
  return Place(*this, user);
}

std::size_t Desk::taken() const {
  const std::lock_guard lock(mutex_);
  return all_;
}

void Desk::give_back(const std::string& user) {
  const std::lock_guard lock(mutex_);
  --all_;
  const auto own = taken_.find(user);
  if (--own->second == 0) taken_.erase(own);
}

}  // namespace punctual::chat
