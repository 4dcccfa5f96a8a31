#include "chat/conversation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "chat/prompt.hpp"
#include "chat/tool_use.hpp"
#include "gateway/problems.hpp"
#include "http/sse.hpp"

namespace punctual::chat {

namespace bj = boost::json;
using deadline::Interruption;
using deadline::Phase;

Conversation::Conversation(ConversationOptions options) : options_(std::move(options)) {
  messages_ = std::move(options_.input.messages);
  if (options_.source) {
    messages_ = with_prompt(system_prompt(*options_.source, options_.limits), std::move(messages_));
  }
}

Conversation::~Conversation() = default;

base::Task<bool> Conversation::run(gateway::Core& core, deadline::Watch& watch, relay::ClientWriter& client) {
  core_ = &core;
  watch_ = &watch;
  client_ = &client;
  started_ = watch.now();
  chat_id_ = core.request_ids.next(core.runtime.clock().wall_now());
  chat_id_.replace(0, chat_id_.find('_'), "chat");
  const auto& timeouts = options_.configuration->timeouts;
  deadline::Limits limits;
  limits[Phase::total] = {options_.limits.request + grace, options_.limits.request_source};
  limits[Phase::drain] = timeouts.drain;
  watch.begin(limits);
  watch.start(Phase::total, started_);
  // That the client left while its request waited for a thread may have been overlooked.
  watch.signals().raise(deadline::bits::client_readable);
  client.note_time(started_);
  heartbeat_interval_ = timeouts.heartbeat.duration;
  if (heartbeat_interval_) watch.set_heartbeat(started_ + *heartbeat_interval_);
  append_start(out_, {chat_id_, options_.request_id, options_.input.model, options_.input.data_source},
               options_.limits);
  const End end = co_await converse();
  if (!end.told) co_return false;
  if (end.document.empty()) {
    append_end(out_, sums_, elapsed());
  } else {
    append_error(out_, end.document, sums_);
  }
  client.write(out_);
  co_return true;
}

void Conversation::heartbeat(deadline::Instant now) {
  const auto due = client_->last_write_at() + *heartbeat_interval_;
  if (due > now) return watch_->set_heartbeat(due);
  if (!client_->blocked()) client_->write(http::sse_heartbeat);
  client_->note_time(now);
  watch_->set_heartbeat(now + *heartbeat_interval_);
}

// Sends what is to be told. False: the client does not take it, or the watch was interrupted.
base::Task<bool> Conversation::tell() {
  if (!out_.empty()) {
    client_->write(out_);
    client_->note_time(watch_->now());
    out_.clear();
  }
  if (!client_->blocked()) co_return !client_->broken();
  const bool drained = co_await client_->drained(*watch_);
  co_return drained;
}

base::Task<Conversation::End> Conversation::converse() {
  ModelCalls calls(*core_, options_.client);
  for (;;) {
    if (expired()) co_return total_expired();
    if (sums_.rounds == options_.limits.rounds_max) co_return rounds_used_up();
    ++sums_.rounds;
    std::vector<ToolCall> asked;
    auto failed = co_await call_model(calls, asked);
    if (failed) co_return std::move(*failed);
    if (asked.empty()) co_return End{};
    // The results of the last round would be seen by nobody.
    if (sums_.rounds == options_.limits.rounds_max) co_return rounds_used_up();
    for (auto& one : asked) {
      auto ended = co_await use_tool(std::move(one));
      if (ended) co_return std::move(*ended);
      if (expired()) co_return total_expired();
    }
  }
}

std::string Conversation::call_body() {
  bj::object body = {{"model", options_.input.model},
                     {"messages", messages_},
                     {"stream", true},
                     {"stream_options", bj::object{{"include_usage", true}}}};
  if (options_.source) body["tools"] = tool_definitions();
  if (options_.input.temperature) body["temperature"] = *options_.input.temperature;
  if (options_.input.max_tokens) body["max_tokens"] = *options_.input.max_tokens;
  return bj::serialize(body);
}

// What tools it asks for goes into `asked`.
base::Task<Conversation::Outcome> Conversation::call_model(ModelCalls& calls, std::vector<ToolCall>& asked) {
  const auto call_started = watch_->now();
  call_id_ = fmt::format("{}-{}", chat_id_, sums_.rounds);
  CallRequest request;
  request.body = call_body();
  request.request_id = call_id_;
  request.round = sums_.rounds;
  request.limit = std::min(options_.limits.model_call, options_.limits.request - elapsed());
  append_call(out_, request.round, request.request_id, request.limit, elapsed());
  const bool told = co_await tell();
  if (!told) co_return interrupted();
  const auto& type_base = options_.configuration->server.error_type_base;
  ModelCall call(*core_, calls, *watch_, *client_, type_base);
  const auto outcome = co_await call.run(request);
  if (!outcome) co_return end_of(outcome.error());
  const auto& answer = call.answer();
  append_call_end(out_, request.round, answer, watch_->now() - call_started);
  if (answer.usage()) {
    sums_.usage.prompt_tokens += answer.usage()->prompt_tokens;
    sums_.usage.completion_tokens += answer.usage()->completion_tokens;
  }
  // One that was offered no tools and calls some has nothing to wait for.
  if (options_.source) asked = answer.calls();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (asked[i].id.empty()) asked[i].id = fmt::format("call_{}_{}", sums_.rounds, i + 1);
  }
  if (!asked.empty()) remember(answer.text(), asked);
  const bool end_told = co_await tell();
  if (!end_told) co_return interrupted();
  co_return std::nullopt;
}

// Arguments that are no JSON would be refused, or worse, by whoever reads them again; the model is told of
// them in the tool's answer.
void Conversation::remember(const std::string& text, const std::vector<ToolCall>& asked) {
  bj::array calls;
  for (const auto& call : asked) {
    boost::system::error_code failed;
    const auto parsed = bj::parse(call.arguments, failed);
    const bool good = !failed && parsed.is_object();
    calls.push_back(bj::object{
        {"id", call.id},
        {"type", "function"},
        {"function", bj::object{{"name", call.name}, {"arguments", good ? call.arguments : "{}"}}}});
  }
  messages_.push_back(bj::object{{"role", "assistant"},
                                 {"content", text.empty() ? bj::value(nullptr) : bj::value(text)},
                                 {"tool_calls", std::move(calls)}});
}

void Conversation::answer_tool(const ToolCall& asked, std::string content) {
  results_bytes_ += content.size();
  messages_.push_back(
      bj::object{{"role", "tool"}, {"tool_call_id", asked.id}, {"content", std::move(content)}});
}

Conversation::End Conversation::end_of(const CallFailure& failure) {
  switch (failure.kind) {
    case CallFailure::Kind::interrupted:
      return interrupted();
    case CallFailure::Kind::client_gone:
      return {{}, false};
    case CallFailure::Kind::refused:
      return {failure.document, true};
    case CallFailure::Kind::timed_out:
      break;
  }
  if (expired()) return total_expired();
  const auto& limits = options_.limits;
  return limit_end("attempt", limits.model_call, limits.model_call_source,
                   fmt::format("Request timed out: the model has not finished its answer after {} seconds",
                               seconds_text(limits.model_call)));
}

Conversation::End Conversation::interrupted() {
  const auto interruption = watch_->interruption();
  if (interruption == Interruption::stopped) return problem_end(gateway::draining_problem());
  if (interruption == Interruption::expired && watch_->expiry().phase == Phase::total) return total_expired();
  return {{}, false};
}

Conversation::End Conversation::total_expired() {
  const auto& limits = options_.limits;
  return limit_end("total", limits.request, limits.request_source,
                   fmt::format("Request timed out after {} seconds", seconds_text(limits.request)));
}

Conversation::End Conversation::limit_end(std::string_view limit, deadline::Duration length,
                                          const deadline::Source& source, std::string message) {
  auto problem = http::make_problem(504, std::move(message));
  problem.fired = http::FiredLimit{std::string(limit), deadline::seconds(length), source.text(),
                                   deadline::seconds(elapsed()), true};
  return problem_end(problem);
}

Conversation::End Conversation::rounds_used_up() {
  const auto& limits = options_.limits;
  auto problem = http::make_problem(
      422, fmt::format("The model was called {} times, which is the most it may be, and still wants to ask "
                       "the database: ask for less at once, or allow more rounds",
                       limits.rounds_max));
  problem.slug = "rounds-used-up";
  problem.title = "Rounds Used Up";
  auto end = problem_end(problem);
  const std::string_view open = std::string_view(end.document).substr(0, end.document.rfind('}'));
  end.document = fmt::format(R"({},"limit":"rounds","limit_source":"{}","elapsed_seconds":{}}})", open,
                             limits.rounds_source.text(), seconds_text(elapsed()));
  return end;
}

Conversation::End Conversation::problem_end(const http::Problem& problem) {
  return {http::problem_json(problem, options_.configuration->server.error_type_base, "/api/chat",
                             call_id_.empty() ? options_.request_id : call_id_),
          true};
}

}  // namespace punctual::chat
