// One target's turn: all that an attempt holds while it runs. Inside the exchange only.
#pragma once

#include "gateway/exchange.hpp"

namespace punctual::gateway {

// What an attempt says of its target.
enum class Judgement : std::uint8_t {
  unclear,  // nothing: the client left, its own limit ran out, it never came to a call
  good,     // it answered, be it with a 4xx
  bad,
};

struct Exchange::Attempt {
  Attempt(Exchange& exchange, Choice choice)
      : choice(choice),
        candidate(exchange.route_.candidates[choice.place]),
        passage(*passage_of(exchange.request_.operation, *candidate.provider)),
        call(exchange.core_.services, exchange.watch_),
        started(exchange.watch_.now()) {
    choice.target->in_flight.fetch_add(1, std::memory_order_relaxed);
  }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() { choice.target->in_flight.fetch_sub(1, std::memory_order_relaxed); }

  Choice choice;
  routing::Candidate candidate;
  Passage passage;
  backend::Call call;
  deadline::Instant started;
  std::string own_body;  // where it is not the client's
  std::unique_ptr<dialects::AnswerTranslator> translator;
  std::unique_ptr<dialects::AnswerTranslator> without_progress;  // nullptr: the client wants all events
  std::unique_ptr<dialects::Assembler> assembler;
  relay::Conversion conversion;
  const SlotWait* wait = nullptr;  // while it waits for a slot
  bool loading = false;            // while it waits for a local model
  Judgement judgement = Judgement::unclear;
  bool unreachable = false;    // nothing could be reached there
  bool answered_well = false;  // told to the breaker, before the end
};

}  // namespace punctual::gateway
