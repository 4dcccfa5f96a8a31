// One generating request, from its received bytes to its record: conducts api, admission, routing, backend,
// relay and audit, one target after the other, inside one deadline.
//
// Lives as long as the request, on its connection's coroutine. The watch, the client and what `Incoming`
// points to must outlive it. What a long answer does not need is freed when the answer begins.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "admission/budget.hpp"
#include "api/request.hpp"
#include "audit/record.hpp"
#include "config/bounds.hpp"
#include "gateway/core.hpp"
#include "gateway/engine_wait.hpp"
#include "gateway/passage.hpp"
#include "gateway/reply.hpp"
#include "gateway/slot_wait.hpp"
#include "gateway/target_plan.hpp"
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
  bool inner = false;  // of the gateway's own, part of a request that runs
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
  void answer_estimate();
  base::Task<void> attempt_all();
  void refuse_unasked();
  base::Task<bool> pause(deadline::Duration length);
  void forget_attempt();
  void forget_request();

  // What one attempt is made of; see exchange_attempt.cpp.
  struct Attempt;
  base::Task<Verdict> attempt(Choice choice);
  bool translate(Attempt& attempt);
  base::Task<std::optional<Verdict>> take_engine(Attempt& attempt, EngineWait& wait);
  base::Task<std::optional<Verdict>> take_slot(Attempt& attempt, SlotWait& wait);
  base::Task<Verdict> serve(Attempt& attempt);
  void ask_for_progress(Attempt& attempt);
  void release_when_free(Attempt& attempt, const std::shared_ptr<pool::Engine>& engine,
                         pool::Cancelled cancelled);
  Verdict refuse_left_alone(Attempt& attempt);
  base::Task<Verdict> call_upstream(Attempt& attempt);
  base::Task<Verdict> answer(Attempt& attempt);
  base::Task<Verdict> relay_answer(Attempt& attempt, bool events);
  void note_attempt(Attempt& attempt);
  void report(Attempt& attempt);
  bool find_next(const Attempt& attempt, bool again, std::optional<deadline::Duration> retry_after = {});
  std::optional<Next> find_other(const Choice& failed);
  Verdict next_or(Verdict otherwise, const Attempt& attempt, bool again);
  Verdict judge_interruption(Attempt& attempt);
  Verdict judge_failure(Attempt& attempt, const backend::Failure& failure);
  Verdict judge_status(Attempt& attempt);
  void note_interruption(bool upstream_answered);
  void refuse_committed(Attempt& attempt);

  void begin_answer(const relay::OwnDocument* own) override;
  void write_answer_head(const relay::OwnDocument* own);
  const http::RequestHead& received_head() const { return incoming_.parser->head(); }
  void set_problem(http::Problem problem);
  void append_own_fields(std::string& head, bool first_token_known) const;
  void begin_event_stream();

  void tell_problem();
  void give_up_on_client();
  void note_expiry();
  std::uint64_t tokens_used() const;
  void note_patience(audit::Record& record) const;
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
  TargetPlan plan_;
  std::optional<Next> next_;  // after an attempt that says `try_next`
  std::optional<deadline::Duration> heartbeat_interval_;
  relay::Tally tally_;
  audit::Notes notes_;
  Attempt* attempt_ = nullptr;     // the one that runs
  backend::Call* call_ = nullptr;  // its call
  std::string left_out_;           // what the present target is not told, for a header
  telemetry::Outcome outcome_ = telemetry::Outcome::success;
  After after_ = After::keep;
  bool answer_begun_ = false;
  bool event_stream_ = false;
  bool client_reads_ = true;
  bool cancelled_by_operator_ = false;
};

}  // namespace punctual::gateway
