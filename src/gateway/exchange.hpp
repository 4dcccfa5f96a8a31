// One generating request, from its received bytes to its record: conducts api, admission, routing, backend,
// relay and audit, one target after the other, inside one deadline.
//
// Lives as long as the request, on its connection's coroutine. The watch, the client and what `Incoming`
// points to must outlive it. What a long answer does not need is freed when the answer begins.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "admission/budget.hpp"
#include "api/request.hpp"
#include "audit/record.hpp"
#include "config/bounds.hpp"
#include "gateway/core.hpp"
#include "gateway/reply.hpp"
#include "http/request_parser.hpp"
#include "routing/route.hpp"

namespace punctual::gateway {

// What was received, and when.
struct Incoming {
  http::RequestParser* parser = nullptr;       // which has the head
  const Settings* settings = nullptr;          // in force when it began; outlives the exchange
  const admission::ApiKey* api_key = nullptr;  // of these settings; nullptr: none that is ours
  std::string body;
  std::string_view request_id;
  deadline::Instant started{};  // the head was parsed
  deadline::WallTime started_wall{};
  deadline::Duration receive{};
  std::uint64_t bytes_in = 0;
  std::string_view client;
  bool keep_alive = true;
};

class Exchange final : private relay::HeadSource, private RunningEntry {
 public:
  Exchange(Core& core, deadline::Watch& watch, relay::ClientWriter& client, api::Operation operation,
           const api::RequestLimits& request_limits, Incoming incoming);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Before `run`: the request is answered with this, whatever else it is.
  void refuse(std::unique_ptr<http::Problem> problem) { problem_ = std::move(problem); }

  base::Task<void> run();

  // After `run`: what is to become of the client's connection.
  enum class After : std::uint8_t { keep, close, abort };
  After after() const { return after_; }

  // The stream was silent for long enough.
  void heartbeat(deadline::Instant now);

 private:
  enum class Verdict : std::uint8_t { answered, try_next, give_up };

  bool prepare();
  RunningRequest describe() const override;
  std::string_view id() const override { return incoming_.request_id; }
  void cancel() override;

  bool read_body();
  bool admit_key();
  bool choose_route();
  base::Task<void> attempt_all();
  void forget_attempt();
  void forget_request();
  base::Task<Verdict> attempt(std::size_t index);
  base::Task<Verdict> answer(backend::Call& call, std::size_t index);
  bool worth_trying(std::size_t index) const;
  bool another_after(std::size_t index) const;
  Verdict judge_interruption(backend::Call& call, std::size_t index);
  Verdict judge_failure(backend::Call& call, const backend::Failure& failure, std::size_t index);
  void refuse_committed(backend::Call& call);

  void begin_answer() override;
  void write_answer_head();
  const http::RequestHead& received_head() const { return incoming_.parser->head(); }
  routing::Candidate target(std::size_t index) const { return route_.candidates[targets_[index]]; }
  void set_problem(http::Problem problem);
  void append_own_fields(std::string& head, bool first_token_known) const;
  void begin_event_stream();

  void tell_problem();
  void give_up_on_client();
  void note_expiry();
  std::uint64_t tokens_used() const;
  void note_end();
  ReplyContext reply_context() const;

  Core& core_;
  deadline::Watch& watch_;
  relay::ClientWriter& client_;
  Incoming incoming_;
  const Settings& settings_;
  api::OperationTraits traits_;
  admission::BudgetInputs budget_;
  std::unique_ptr<http::Problem> problem_;
  struct Texts {
    std::string prompt;
    relay::AnswerCopy answer;
  };
  std::unique_ptr<Texts> texts_;  // nullptr: they are not kept
  api::Request request_;
  routing::Route route_;
  std::array<std::uint8_t, config::targets_max> targets_;  // places of the candidates that speak the dialect
  std::uint8_t target_count_ = 0;
  std::optional<deadline::Duration> heartbeat_interval_;
  relay::Tally tally_;
  audit::Notes notes_;
  backend::Call* call_ = nullptr;
  telemetry::Outcome outcome_ = telemetry::Outcome::success;
  After after_ = After::keep;
  bool answer_begun_ = false;
  bool event_stream_ = false;
  bool client_reads_ = true;
  bool cancelled_by_operator_ = false;
};

}  // namespace punctual::gateway
