// The looks into the database that a chat's model asks for, one after the other.
#include <fmt/format.h>

#include "chat/conversation.hpp"
#include "chat/mailbox.hpp"
#include "chat/tool_use.hpp"
#include "net/wakeup.hpp"

namespace punctual::chat {

namespace bits = deadline::bits;

namespace {

// Nothing of a chat waits for a slot or between two tries by itself: its calls have watches of their own.
constexpr base::Signals::Mask news = bits::slot;
constexpr base::Signals::Mask overdue = bits::pause;

// A run that nobody listens to any more is ended.
class Listening {
 public:
  Listening(const Mailbox::Post& post, base::Signals& signals)
      : mailbox_(std::make_shared<Mailbox>(post, signals, news)) {}
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  ~Listening() {
    mailbox_->close();
    if (run_) run_->cancel();
  }

  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }
  void begin(std::shared_ptr<ToolRun> run) { run_ = std::move(run); }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<ToolRun> run_;
};

}  // namespace

// What is known of a run while it goes on.
struct Conversation::Use {
  std::string id;  // empty: it has not begun
  deadline::Duration limit{};
  ToolResult result;
  std::optional<ToolEnd> end;
};

base::Task<Conversation::Outcome> Conversation::use_tool(ToolCall asked) {
  auto request = read_tool_call(asked);
  if (!request) {
    answer_tool(asked, tool_error(request.error()));
    co_return std::nullopt;
  }
  if (results_bytes_ >= results_bytes_max) {
    answer_tool(asked, tool_error(fmt::format("The results in this chat have {} MiB, and more are not kept: "
                                              "answer from what is there.",
                                              results_bytes_max >> 20)));
    co_return std::nullopt;
  }
  request->data_source = options_.source->id;
  request->user = options_.user;
  request->model = options_.input.model;
  request->chat_id = chat_id_;
  request->request_id = call_id_;
  request->round = sums_.rounds;
  request->until = started_ + options_.limits.request;
  request->result_bytes_max = results_bytes_max - results_bytes_;
  Use use;
  auto interrupted = co_await run_tool(*request, use);
  if (interrupted) co_return interrupted;
  if (expired()) co_return total_expired();
  if (use.end->unrecorded) {
    co_return problem_end(http::make_problem(
        503, "Nothing was asked of the database, because it could not be recorded: " + use.end->error));
  }
  answer_tool(asked, use.result.text(*use.end));
  co_return std::nullopt;
}

// Until the run has ended.
base::Task<Conversation::Outcome> Conversation::run_tool(const ToolRequest& request, Use& use) {
  auto& signals = watch_->signals();
  signals.take(news | overdue);
  Listening listening(core_->post, signals);
  net::Wakeup late(core_->runtime, signals, overdue);
  listening.begin(options_.tools->run(request, listening.mailbox()));
  for (;;) {
    auto& arrived = listening.mailbox()->news();
    for (; !arrived.empty() && !use.end; arrived.pop_front()) {
      note(request, arrived.front(), use);
      if (std::holds_alternative<ToolStarted>(arrived.front())) late.arm(watch_->now() + use.limit + grace);
    }
    const bool told = co_await tell();
    if (!told) co_return interrupted();
    if (use.end) co_return std::nullopt;
    const auto raised = co_await watch_->wait(news | overdue);
    if (watch_->interrupted(raised)) co_return interrupted();
    // Whoever runs it ends it by itself; where it does not, nobody waits for it.
    if ((raised & overdue) && listening.mailbox()->news().empty()) {
      if (expired()) co_return total_expired();
      co_return limit_end(
          "query", use.limit, {deadline::SourceKind::stored, "data source query_seconds"},
          fmt::format("Request timed out: the database has not ended a query after {} seconds",
                      seconds_text(use.limit)));
    }
  }
}

void Conversation::note(const ToolRequest& request, ToolNews& arrived, Use& use) {
  if (auto* started = std::get_if<ToolStarted>(&arrived)) {
    use.id = started->id;
    use.limit = started->limit;
    ++sums_.queries;
    append_query(out_, request, {started->id, started->sql, started->limit});
  } else if (auto* piece = std::get_if<ToolPiece>(&arrived)) {
    use.result.add(piece->columns, piece->rows);
    append_rows(out_, use.id, piece->columns, piece->rows);
  } else if (auto* end = std::get_if<ToolEnd>(&arrived)) {
    if (!use.id.empty()) append_query_end(out_, use.id, *end);
    use.end = std::move(*end);
  }
}

}  // namespace punctual::chat
