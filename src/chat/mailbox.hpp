// What a run of a tool says, on whatever thread, arrives here on the loop of the chat that waits for it.
// Lives as long as one of the two needs it; a chat that has ended gets nothing any more.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/signals.hpp"
#include "chat/tools.hpp"

namespace punctual::chat {

struct ToolStarted {
  std::string id;
  std::string sql;
  deadline::Duration limit{};
};
struct ToolPiece {
  std::string columns;
  std::string rows;
};
using ToolNews = std::variant<ToolStarted, ToolPiece, ToolEnd>;

class Mailbox final : public ToolListener, public std::enable_shared_from_this<Mailbox> {
 public:
  using Post = std::function<void(std::move_only_function<void()>)>;

  // `post` runs something on the loop, and outlives every run.
  Mailbox(const Post& post, base::Signals& reader, base::Signals::Mask bit)
      : post_(post), reader_(&reader), bit_(bit) {}

  // On the loop: the chat has ended.
  void close() { reader_ = nullptr; }
  // On the loop.
  std::deque<ToolNews>& news() { return news_; }

  void started(std::string id, std::string sql, deadline::Duration limit) override {
    deliver(ToolStarted{std::move(id), std::move(sql), limit});
  }
  void piece(std::string columns, std::string rows) override {
    deliver(ToolPiece{std::move(columns), std::move(rows)});
  }
  void ended(ToolEnd end) override { deliver(std::move(end)); }

 private:
  void deliver(ToolNews news) {
    post_([self = shared_from_this(), news = std::move(news)]() mutable {
      if (!self->reader_) return;
      self->news_.push_back(std::move(news));
      self->reader_->raise(self->bit_);
    });
  }

  const Post& post_;
  base::Signals* reader_;  // touched on the loop only
  base::Signals::Mask bit_;
  std::deque<ToolNews> news_;
};

}  // namespace punctual::chat
