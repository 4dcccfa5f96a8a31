// How many chats there may be at once, of all cores: of everybody, and of one. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace punctual::chat {

class Desk {
 public:
  static constexpr std::size_t chats_max = 32;
  static constexpr std::size_t chats_of_user_max = 8;

  enum class Full : std::uint8_t { all, user };

  // A place for one chat, given back at its end. The desk outlives it.
  class Place {
   public:
    Place(Desk& desk, std::string user) : desk_(&desk), user_(std::move(user)) {}
    Place(Place&& other) noexcept
        : desk_(std::exchange(other.desk_, nullptr)), user_(std::move(other.user_)) {}
    Place& operator=(Place&&) = delete;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      if (desk_) desk_->give_back(user_);
    }

   private:
    Desk* desk_;
    std::string user_;
  };

  std::expected<Place, Full> take(const std::string& user);
  std::size_t taken() const;

 private:
  void give_back(const std::string& user);

  mutable std::mutex mutex_;
  std::map<std::string, std::size_t> taken_;  // by user; none is zero
  std::size_t all_ = 0;
};

}  // namespace punctual::chat
