// What a chat is asked, read strictly from the body of POST /api/chat: each mistake names the member, what it
// is and what would be right.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "chat/limits.hpp"
#include "config/chat.hpp"
#include "settings/error.hpp"

namespace punctual::chat {

struct Input {
  std::string model;
  boost::json::array messages;  // as the model's API takes them: {"role", "content"}
  std::string data_source;      // its id; empty: none
  std::optional<double> temperature;
  std::optional<std::int64_t> max_tokens;
  Wishes wishes;
};

inline constexpr std::size_t messages_max = 1000;
inline constexpr std::size_t parts_max = 64;  // of one message

// `chat`: what the wishes must not exceed.
settings::Result<Input> read_input(const boost::json::object& body, const config::Chat& chat);

}  // namespace punctual::chat
