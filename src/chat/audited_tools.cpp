#include "chat/audited_tools.hpp"

#include <utility>

namespace punctual::chat {

namespace {

std::string dialect_of(datasource::Kind kind) {
  return kind == datasource::Kind::sqlite ? "SQLite" : "PostgreSQL";
}

queryaudit::QueryOrder order_of(const ToolRequest& request) {
  queryaudit::QueryOrder order;
  order.user = request.user;
  order.model = request.model;
  order.chat_id = request.chat_id;
  order.request_id = request.request_id;
  order.round = request.round;
  order.data_source = request.data_source;
  order.tool = request.tool;
  order.text = request.tool == Tool::query ? request.sql : request.table;
  order.reason = request.reason;
  return order;
}

ToolEnd ended_without_query(std::string outcome, std::string error) {
  ToolEnd end;
  end.outcome = std::move(outcome);
  end.error = std::move(error);
  return end;
}

// Hands on what the query gives.
class Sink final : public queryaudit::QuerySink {
 public:
  Sink(ToolListener& listener, const std::string& text, std::size_t bytes_max)
      : listener_(listener), text_(text), bytes_left_(bytes_max) {}

  void begun(const queryaudit::QueryBegun& begun) override {
    listener_.started(begun.id, text_, deadline::from_seconds(begun.limit_seconds));
  }

  bool piece(const datasource::Piece& piece) override {
    std::string rows = "[";
    for (const auto& row : piece.rows)
      rows.append(rows.size() > 1 ? "," : "").append(row);
    rows += "]";
    full_ = rows.size() + piece.columns.size() > bytes_left_;
    if (full_) return false;
    bytes_left_ -= rows.size() + piece.columns.size();
    listener_.piece(piece.columns, std::move(rows));
    return true;
  }

  // A piece was not taken: there is no room for it in the chat.
  bool full() const { return full_; }

 private:
  ToolListener& listener_;
  const std::string& text_;
  std::size_t bytes_left_;
  bool full_ = false;
};

}  // namespace

class AuditedTools::Run final : public ToolRun {
 public:
  Run(ToolRequest request, std::shared_ptr<ToolListener> listener)
      : request(std::move(request)), listener(std::move(listener)) {}
  void cancel() override { token.cancel(); }

  const ToolRequest request;
  const std::shared_ptr<ToolListener> listener;
  datasource::CancelToken token;
};

settings::Result<SourceFacts> AuditedTools::find(const std::string& id) {
  const auto source = find_source_(id);
  if (!source) {
    return std::unexpected(settings::invalid_field(
        "data_source", "is \"" + id + "\", and there is none of this id: see /api/datasources"));
  }
  if (!source->enabled) {
    return std::unexpected(settings::invalid_field(
        "data_source", "is \"" + source->name + "\", which is not enabled: ask an administrator"));
  }
  return SourceFacts{.id = source->id,
                     .name = source->name,
                     .dialect = dialect_of(source->kind),
                     .rows_max = static_cast<std::uint64_t>(source->bounds.rows_max),
                     .bytes_max = static_cast<std::uint64_t>(source->bounds.bytes_max),
                     .cell_bytes_max = static_cast<std::uint64_t>(source->bounds.cell_bytes_max),
                     .query_limit = deadline::from_seconds(source->query_seconds)};
}

std::shared_ptr<ToolRun> AuditedTools::run(ToolRequest request, std::shared_ptr<ToolListener> listener) {
  auto run = std::make_shared<Run>(std::move(request), std::move(listener));
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      waiting_.push_back(run);
      if (idle_ < waiting_.size() && threads_.size() < threads_max)
        threads_.emplace_back([this, place = threads_.size()] { work(place); });
      changed_.notify_one();
      return run;
    }
  }
  run->listener->ended(ended_without_query("cancelled", "The gateway is shutting down."));
  return run;
}

void AuditedTools::stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& run : running_)
      if (run) run->cancel();
    threads = std::move(threads_);
    threads_.clear();
  }
  changed_.notify_all();
  for (auto& thread : threads)
    thread.join();
}

void AuditedTools::work(std::size_t place) {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    --idle_;
    if (waiting_.empty()) return;
    running_.at(place) = std::move(waiting_.front());
    waiting_.pop_front();
    const auto run = running_.at(place);
    if (stopping_) run->cancel();
    lock.unlock();
    perform(*run);
    lock.lock();
    running_.at(place).reset();
  }
}

void AuditedTools::perform(Run& run) {
  // Nobody waits for it any more: nothing is recorded that did not run.
  if (run.token.cancelled()) return run.listener->ended(ended_without_query("cancelled", "It was stopped."));
  if (clock_.now() >= run.request.until) {
    return run.listener->ended(
        ended_without_query("timeout", "Its time was up before one of the threads for queries was free."));
  }
  const auto order = order_of(run.request);
  Sink sink(*run.listener, order.text, run.request.result_bytes_max);
  const auto done = queries_.run(order, run.request.until, run.token, sink);
  ToolEnd end;
  end.outcome = queryaudit::name_of(done.outcome);
  end.rows = static_cast<std::uint64_t>(done.rows);
  end.bytes = static_cast<std::uint64_t>(done.bytes);
  end.truncated = done.truncated;
  end.took = done.duration;
  end.error = done.error;
  if (sink.full()) {
    end.truncated = true;
    end.error =
        "The query was ended: there is no room for more results in this chat. Aggregate or filter in SQL.";
  }
  end.unrecorded = done.id.empty();
  run.listener->ended(std::move(end));
}

}  // namespace punctual::chat
