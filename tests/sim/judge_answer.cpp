#include "sim/judge_answer.hpp"

#include <algorithm>

#include "sim/behaviour.hpp"
#include "sim/words.hpp"

namespace punctual::simulation {

namespace bj = boost::json;

namespace {

class AnswerJudge {
 public:
  AnswerJudge(const AnswerCase& of, Violations& violations)
      : of_(of), violations_(violations), outcome_(of.record.text("outcome")) {
    const auto attempts = of.record.attempts();
    if (attempts.empty()) return;
    if (auto behaviour = sim::parse_behaviour(attempts.back().text("model"))) served_ = *behaviour;
    const bool anthropic_upstream = attempts.back().text("provider") == "claude";
    as_it_came_ = of.request.asking.route != Route::responses &&
                  anthropic_upstream == (of.request.asking.route == Route::messages);
  }

  void judge() {
    const auto& answer = of_.answer;
    check(!answer.malformed, "the answer is no HTTP");
    check(of_.record.number("status") == answer.status, "the record has another status");
    if (answer.is_stream()) {
      judge_events();
    } else if (answer.complete) {
      judge_document();
    }
    judge_text();
    judge_outcome();
  }

 private:
  void check(bool holds, const std::string& otherwise) {
    if (!holds) {
      violations_.push_back(of_.request.id + " (" + outcome_ + ", status " +
                            std::to_string(of_.answer.status) + "): " + otherwise);
    }
  }

  bool is_error(const ReceivedEvent& event) const {
    return event.name == "error" || (event.has_data && event.json().contains("error"));
  }

  // The end of the dialect that the client speaks, and of no other.
  bool is_end(const ReceivedEvent& event) const {
    switch (of_.request.asking.route) {
      case Route::messages:
        check_foreign(event.data != "[DONE]" && !event.name.starts_with("response."), event);
        return event.name == "message_stop";
      case Route::responses:
        check_foreign(event.data != "[DONE]" && event.name != "message_stop", event);
        return event.name == "response.completed" || event.name == "response.incomplete";
      default:
        check_foreign(event.name.empty() || event.name == "error", event);
        return event.data == "[DONE]";
    }
  }
  void check_foreign(bool own, const ReceivedEvent& event) const {
    if (!own) violations_.push_back(of_.request.id + ": an event of another dialect: " + event.raw);
  }

  void judge_error_form(const bj::object& document, const std::string& event_name) {
    const auto* inner = document.if_contains("error");
    const bool object = inner && inner->is_object();
    check(object && inner->get_object().contains("message"), "an error without a message");
    if (of_.request.asking.route != Route::messages) return;
    const auto* type = document.if_contains("type");
    check(type && *type == "error", "no error of Messages: " + bj::serialize(document));
    check(object && inner->get_object().contains("type"), "an error of Messages without a type");
    if (of_.answer.is_stream()) check(event_name == "error", "an error event of another name");
  }

  void judge_events() {
    const auto& events = of_.answer.events;
    std::size_t errors = 0;
    std::size_t ends = 0;
    for (const auto& event : events) {
      check(ends == 0, "something follows the end: " + event.raw);
      if (event.heartbeat()) continue;
      ends += is_end(event) ? 1 : 0;
      check(event.raw.find("keep-alive") == std::string::npos, "a heartbeat within an event: " + event.raw);
      check(!event.has_data || event.data == "[DONE]" || !event.json().empty(), "no event: " + event.raw);
      check(event.has_data || event.raw == ": ping\n\n", "neither event nor known comment: " + event.raw);
      errors += is_error(event) ? 1 : 0;
      if (is_error(event)) judge_error_form(event.json(), event.name);
    }
    check(errors <= 1, "told of more than one error");
    if (errors == 1) check(is_error(events.back()), "something follows the error");
    has_error_ = errors > 0;
    if (!of_.answer.complete) return;
    check(of_.answer.unfinished.empty(), "a clean end in the middle of an event");
    if (!has_error_) {
      check(ends == 1 || (served_ && served_->no_done && as_it_came_), "a clean end of a cut stream");
    } else {
      check(ends == 0, "an error and an end");
    }
  }

  void judge_document() {
    const auto document = of_.answer.json();
    check(!document.empty(), "no JSON: " + of_.answer.body.substr(0, 100));
    if (of_.answer.status < 400) return;
    has_error_ = true;
    check(document.contains("error"), "an error without `error`");
    judge_error_form(document, {});
    if (of_.answer.header("content-type") != "application/problem+json") return;
    for (const auto* member : {"type", "title", "status", "detail", "instance", "request_id"})
      check(document.contains(member), std::string("a problem without ") + member);
  }

  // In order from the first, none lost or doubled; all of them where all is promised.
  void judge_text() {
    if (of_.request.asking.route == Route::embeddings || of_.answer.status != 200) return;
    // `bytes` fills tokens up with x, which is in none.
    auto text = of_.answer.text();
    std::erase(text, 'x');
    const auto most = served_ ? served_->tokens : 0;
    const auto whole = sim::words(sim::content_stem, most, served_ ? served_->from : 0);
    check(whole.starts_with(text), "other text than the model gave: " + text);
    if (outcome_ == "success" && of_.answer.complete)
      check(text == whole, "a part is missing behind: " + text);
  }

  void judge_outcome() {
    const auto& answer = of_.answer;
    if (outcome_ == "success") {
      check(answer.status == 200, "success with another status");
      check(!has_error_, "success with an error");
      if (of_.must_be_whole) check(answer.complete, "success, but the answer is not whole");
      return;
    }
    if (outcome_ == "cancelled") {
      check(of_.plan.leaves, "the client is said to have left");
      return;
    }
    if (answer.complete) check(has_error_, "failed, and the client was not told");
    const bool drain = of_.record.text("limit") == "drain";
    if (of_.must_be_told && !drain) check(answer.complete, "the client could have been told and was not");
    if (outcome_ == "timeout" && answer.complete) judge_limit();
    // After a heartbeat the head is out; the error comes as an event.
    if (outcome_ == "refused" && !of_.record.has("heartbeats"))
      check(answer.status >= 400, "refused with success");
  }

  // What the client is told is what the record says.
  void judge_limit() {
    const auto& answer = of_.answer;
    const auto document =
        answer.is_stream() && !answer.events.empty() ? answer.events.back().json() : answer.json();
    const auto* inner = document.if_contains("error");
    const bool anthropic = of_.request.asking.route == Route::messages;
    if (anthropic && (!inner || !inner->is_object())) return check(false, "no error object");
    const auto& fields = anthropic ? inner->get_object() : document;
    const auto* limit = fields.if_contains("limit");
    const auto* source = fields.if_contains("limit_source");
    check(limit && limit->is_string() && limit->get_string() == of_.record.text("limit"),
          "the error names another limit than the record");
    check(source && source->is_string() && source->get_string() == of_.record.text("limit_source"),
          "the error names another source than the record");
  }

  const AnswerCase& of_;
  Violations& violations_;
  std::string outcome_;
  std::optional<sim::Behaviour> served_;
  bool has_error_ = false;
  bool as_it_came_ = true;  // not translated
};

}  // namespace

void judge_answer(const AnswerCase& of, Violations& violations) {
  AnswerJudge(of, violations).judge();
}

}  // namespace punctual::simulation
