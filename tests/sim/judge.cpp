#include "sim/judge.hpp"

#include <algorithm>
#include <cmath>

#include "sim/judge_answer.hpp"

namespace punctual::simulation {

namespace {

using deadline::Instant;

double milliseconds_of(deadline::Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

// Records are rounded to the microsecond.
constexpr double rounding_ms = 0.002;
const double tick_ms = milliseconds_of(tick);

// The requests of one connection.
class ConnectionJudge {
 public:
  ConnectionJudge(World& world, const Visitor& visitor, Violations& violations)
      : records_(world.records()),
        visitor_(visitor),
        client_(visitor.client()),
        plan_(visitor.plan()),
        violations_(violations),
        answers_(read_answers(client_)),
        ends_(world.core().draining) {}

  void judge() {
    if (visitor_.came_too_late()) return judge_late();
    for (index_ = 0; index_ < plan_.requests.size(); ++index_)
      judge_request(plan_.requests[index_]);
  }

 private:
  void check(bool holds, const std::string& otherwise) {
    if (!holds) violations_.push_back(plan_.requests[index_].id + ": " + otherwise);
  }

  void judge_late() {
    index_ = 0;
    check(answers_.size() <= 1, "answers on a refused connection");
    for (const auto& request : plan_.requests)
      check(!record_of(request.id), "a record of a refused connection");
  }

  const RecordLine* record_of(const std::string& id) const {
    const auto found =
        std::ranges::find_if(records_, [&](const auto& r) { return r.text("request_id") == id; });
    return found == records_.end() ? nullptr : &*found;
  }

  void judge_request(const PlannedRequest& request) {
    const auto count = std::ranges::count_if(
        records_, [&](const auto& record) { return record.text("request_id") == request.id; });
    check(count <= 1, "more than one record");
    const bool head_sent = client_.sent_at(request.head_end) != Instant::max();
    const bool answered = index_ < answers_.size() && answers_[index_].status != 0;
    const auto* record = record_of(request.id);
    if (!record) {
      check(!(answered && head_sent && answers_[index_].status != 408 && answers_[index_].status != 503),
            "an answer without a record");
      check(!must_have_record(request), "no record");
      return;
    }
    check(head_sent, "a record of what was never asked");
    judge_times(request, *record);
    if (!answered) {
      const bool told_nothing =
          record->number("status") == 0 || !reads_to_the_end() || torn() || !plan_.well_connected;
      check(told_nothing, "the record has a status, and the client got nothing");
      return;
    }
    const bool last = index_ + 1 >= answers_.size();
    judge_answer({request, plan_, answers_[index_], *record, reads_to_the_end() && !(torn() && last),
                  plan_.reads_at_once && plan_.well_connected && !plan_.leaves},
                 violations_);
  }

  bool torn() const { return client_.end() == Client::End::reset; }
  bool reads_to_the_end() const {
    bool reads = true;
    for (const auto& step : plan_.steps) {
      if (step.kind == Step::Kind::stop_reading) reads = false;
      if (step.kind == Step::Kind::read_all || step.kind == Step::Kind::read_slowly) reads = true;
    }
    return reads && !plan_.leaves;
  }

  // All of it came to the gateway over a connection that was there for it.
  bool must_have_record(const PlannedRequest& request) const {
    if (!plan_.well_connected || plan_.leaves || client_.sent_at(request.end) == Instant::max()) return false;
    // It was given up while it came, or the process ended between two requests.
    const int status = index_ < answers_.size() ? answers_[index_].status : 0;
    if (status == 408 || status == 503 || (index_ > 0 && ends_)) return false;
    if (index_ == 0) return client_.sent_at(request.end) < client_.ended_at();
    if (index_ > answers_.size() || !answers_[index_ - 1].complete) return false;
    const auto& before = answers_[index_ - 1];
    return !before.error_event() && before.header("connection") != "close" &&
           plan_.requests[index_ - 1].asking.minor_version == 1 &&
           client_.sent_at(request.end) < client_.ended_at();
  }

  void judge_times(const PlannedRequest& request, const RecordLine& record) {
    const double total_ms = milliseconds_of(request.total);
    const double duration_ms = record.number("duration_ms");
    const auto attempts = record.attempts();
    if (!attempts.empty()) {
      check(std::abs(record.number("total_limit_seconds") * 1000 - total_ms) <= 0.51,
            "another total is in force");
      check(record.text("total_limit_source") == request.total_source,
            "the total comes from " + record.text("total_limit_source"));
      // A rule's total is known only when the body is: it may be over by then.
      const double known_ms = std::max(total_ms, record.number("receive_ms"));
      check(duration_ms <= known_ms + tick_ms + rounding_ms, "later than its deadline");
    }
    const auto limit = record.text("limit");
    if (limit.empty()) return;
    const double limit_ms = record.number("limit_seconds") * 1000;
    const double slack = 0.51;
    const double attempt_ms = attempts.empty() ? 0 : attempts.back().number("duration_ms");
    if (limit == "total")
      judge_total(request, attempts.empty() ? request.total_before_body : request.total, duration_ms, slack);
    if (limit == "connect" || limit == "first_token" || limit == "attempt" || limit == "idle")
      check(attempt_ms >= limit_ms - slack, limit + " fired early");
    // What it waited for a slot is no part of the call.
    const double waited_ms = record.number("queue_ms");
    if (limit == "attempt")
      check(attempt_ms <= limit_ms + waited_ms + tick_ms + slack, limit + " fired late");
    if (limit == "drain") check(duration_ms >= limit_ms - slack, limit + " fired early");
    if (limit == "drain") check(!plan_.reads_at_once || !plan_.well_connected, "drain, and the client read");
    if (limit == "receive" && index_ == 0 && !answers_.empty())
      check(milliseconds_of(answers_[0].last_at - client_.connected_at()) >= limit_ms - slack,
            "receive fired early");
  }

  void judge_total(const PlannedRequest& request, deadline::Duration total, double duration_ms,
                   double slack) {
    const double total_ms = milliseconds_of(total);
    check(duration_ms >= total_ms - slack, "total fired early");
    if (index_ >= answers_.size() || answers_[index_].last_at == Instant::max()) return;
    const auto told = answers_[index_].last_at;
    const auto begun = client_.sent_at(request.head_end);
    if (answers_[index_].complete) check(told - begun >= total, "told early of its total");
    if (!plan_.well_connected || !plan_.reads_at_once) return;
    const auto before = index_ == 0 ? begun : std::max(begun, answers_[index_ - 1].last_at);
    // The rule's and the body's totals are known with the body alone.
    const auto whole = client_.sent_at(request.end);
    const auto known = std::max(before + total, whole == Instant::max() ? before : whole);
    check(told <= known + tick, "told late of its total");
  }

  const std::vector<RecordLine>& records_;
  const Visitor& visitor_;
  const Client& client_;
  const PlannedConnection& plan_;
  Violations& violations_;
  std::vector<Received> answers_;
  bool ends_;
  std::size_t index_ = 0;
};

}  // namespace

void judge_requests(World& world, const std::vector<std::unique_ptr<Visitor>>& visitors,
                    Violations& violations) {
  for (const auto& visitor : visitors)
    ConnectionJudge(world, *visitor, violations).judge();
}

}  // namespace punctual::simulation
