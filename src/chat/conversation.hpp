// One chat: calls of the model and, where it asks for them, looks into a database, round after round, under
// one deadline; told to the client as events while it happens.
//
// Runs on the loop of the client's connection. It waits for the model through the gateway's own door and for
// the database through a mailbox, never on a thread. The limits handed down are exact; the chat's own clock
// is a little longer, so that who does the work can say why it ended. Whatever ends the chat, its client's
// hang-up above all, ends the model's call and the query with it, at once.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "chat/desk.hpp"
#include "chat/events.hpp"
#include "chat/input.hpp"
#include "chat/limits.hpp"
#include "chat/mailbox.hpp"
#include "chat/model_call.hpp"
#include "chat/tools.hpp"
#include "gateway/live_answer.hpp"

namespace punctual::chat {

struct ConversationOptions {
  Desk::Place place;
  Input input;
  Limits limits;
  std::shared_ptr<const config::Configuration> configuration;  // owner of the limits' sources
  Tools* tools = nullptr;
  std::optional<SourceFacts> source;  // nothing: a chat without a database
  std::string user;                   // "ada", "admin token"
  std::string client;                 // the address
  std::string request_id;
};

class Conversation final : public gateway::LiveAnswer {
 public:
  // How much longer than what is handed down its own clock is.
  static constexpr deadline::Duration grace = std::chrono::seconds(1);
  // What the results of all tools may be, together.
  static constexpr std::size_t results_bytes_max = std::size_t{16} << 20;

  explicit Conversation(ConversationOptions options);
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  ~Conversation() override;

  base::Task<bool> run(gateway::Core& core, deadline::Watch& watch, relay::ClientWriter& client) override;
  void heartbeat(deadline::Instant now) override;

 private:
  // How a chat ends: told, or with nobody there to be told.
  struct End {
    std::string document;  // of the error; empty: success, or nobody is told
    bool told = true;
  };
  // Nothing: it goes on.
  using Outcome = std::optional<End>;

  base::Task<End> converse();
  base::Task<Outcome> call_model(ModelCalls& calls, std::vector<ToolCall>& asked);
  base::Task<Outcome> use_tool(ToolCall asked);
  struct Use;
  base::Task<Outcome> run_tool(const ToolRequest& request, Use& use);
  void note(const ToolRequest& request, ToolNews& arrived, Use& use);
  base::Task<bool> tell();

  std::string call_body();
  void remember(const std::string& text, const std::vector<ToolCall>& asked);
  void answer_tool(const ToolCall& asked, std::string content);

  deadline::Duration elapsed() const { return watch_->now() - started_; }
  bool expired() const { return elapsed() >= options_.limits.request; }
  End end_of(const CallFailure& failure);
  End interrupted();
  End total_expired();
  End limit_end(std::string_view limit, deadline::Duration length, const deadline::Source& source,
                std::string message);
  End rounds_used_up();
  End problem_end(const http::Problem& problem);

  ConversationOptions options_;
  gateway::Core* core_ = nullptr;
  deadline::Watch* watch_ = nullptr;
  relay::ClientWriter* client_ = nullptr;
  std::optional<deadline::Duration> heartbeat_interval_;
  deadline::Instant started_{};
  std::string chat_id_;
  std::string call_id_;  // of the model's present call
  std::string out_;      // events that are to be told
  boost::json::array messages_;
  std::size_t results_bytes_ = 0;
  Sums sums_;
};

}  // namespace punctual::chat
