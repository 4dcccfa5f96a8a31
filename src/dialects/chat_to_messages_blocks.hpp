// The pieces of a chat's answer as content blocks of a stream of Anthropic Messages, which come one after
// another, while a chat may send pieces of several tool calls in turn.
//
// The first block that is not closed is written as it comes; what belongs to a later one waits. A block is
// closed when another has begun and it is whole itself: a text always is, a tool call when its arguments are
// a whole JSON object. What waits is bounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/json_text.hpp"

namespace punctual::dialects {

class MessagesBlocks {
 public:
  static constexpr std::size_t blocks_max = 4096;
  static constexpr std::size_t waiting_bytes_max = std::size_t{8} << 20;

  enum class Kind : std::uint8_t { text, thinking, tool };

  // All append events to `out`; false when a bound is passed or the pieces make no sense, with `problem`.
  bool add(Kind kind, std::string_view text, std::string& out);
  // A piece of a call: `index` tells which, unless it is negative; then the id does, or it is the last one.
  bool add_call(std::int64_t index, std::string_view id, std::string_view name, std::string_view arguments,
                std::string& out);
  // Writes what waits and closes the last block.
  bool finish(std::string& out);

  bool has_calls() const { return calls_ > 0; }
  // For the ids of calls that the upstream gave none.
  void set_answer_id(std::string_view id) { answer_id_ = id; }
  const std::string& problem() const { return problem_; }  // to go on from "The upstream sent "

 private:
  struct Block {
    Kind kind = Kind::text;
    std::int64_t index = 0;
    std::string id;
    std::string name;
    std::string waiting;
    ObjectEnd arguments;
  };

  bool new_block(Kind kind);
  std::size_t find_call(std::int64_t index, std::string_view id) const;
  bool put(std::size_t at, std::string_view text, std::string& out);
  bool advance(std::string& out);
  void append_start(const Block& block, std::string& out) const;
  void append_delta(Kind kind, std::string_view text, std::string& out) const;
  void close(std::string& out);
  bool fail(std::string problem);

  std::vector<Block> blocks_;
  std::size_t front_ = 0;
  bool open_ = false;  // the front block has been started
  std::size_t calls_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::string answer_id_;
  std::string problem_;
};

}  // namespace punctual::dialects
