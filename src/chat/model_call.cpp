#include "chat/model_call.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "backend/whole_answer.hpp"
#include "http/problem.hpp"

namespace punctual::chat {

namespace {

using deadline::Duration;
using Outcome = std::expected<void, CallFailure>;
using Step = backend::Call::Step;

constexpr std::string_view limit_header = "X-Request-Timeout";
constexpr std::size_t refusal_bytes_max = std::size_t{1} << 20;
constexpr std::size_t said_bytes_max = 1000;

config::Provider gateway_itself(Duration limit) {
  config::Provider provider;
  provider.name = "gateway";
  provider.base_url.host = "gateway";
  provider.base_url.path_prefix = "/v1";
  provider.auth = config::Auth::none;
  provider.headers = {{"Content-Type", "application/json"},
                      {std::string(limit_header), fmt::format("{:.9f}", deadline::seconds(limit))}};
  return provider;
}

// As far as it is whole characters.
std::string_view shortened(std::string_view text) {
  if (text.size() <= said_bytes_max) return text;
  std::size_t end = said_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return text.substr(0, end);
}

}  // namespace

ModelCalls::ModelCalls(gateway::Core& core, std::string client)
    : network_(core, std::move(client)),
      pool_(core.runtime),
      services_{core.runtime, network_, network_, pool_, metrics_} {}

base::Task<Outcome> ModelCall::run(const CallRequest& request) {
  const auto provider = gateway_itself(request.limit);
  backend::UpstreamRequest upstream;
  upstream.provider = &provider;
  upstream.path = "/chat/completions";
  upstream.request_id = request.request_id;
  upstream.body_bytes = request.body.size();
  const std::string_view body = request.body;
  const std::span<const std::string_view> pieces(&body, 1);
  const auto opened = co_await call_.open(upstream, pieces);
  if (!opened) {
    if (opened.error().kind == backend::FailureKind::interrupted)
      co_return std::unexpected(CallFailure{CallFailure::Kind::interrupted, {}});
    co_return std::unexpected(
        refusal(request, 502, "The gateway's own answer was not to be had: " + opened.error().detail + "."));
  }
  Outcome outcome;
  if (call_.head().status == 200 &&
      call_.head().headers.value("content-type").starts_with("text/event-stream")) {
    auto streamed = co_await read_stream(request);
    outcome = std::move(streamed);
  } else {
    auto refused = co_await read_refusal(request);
    outcome = std::move(refused);
  }
  co_return outcome;
}

base::Task<Outcome> ModelCall::read_stream(const CallRequest& request) {
  http::BodyPieces pieces;
  std::string_view raw;
  std::vector<ModelAnswer::Delta> deltas;
  std::string events;
  for (;;) {
    Step step = Step::data;
    // What was read lies where it does until the next suspension only: all of it first.
    while (step == Step::data) {
      step = call_.read(pieces, raw);
      for (const auto piece : pieces.content) {
        if (!answer_.ended()) answer_.feed(piece, deltas);
      }
    }
    for (const auto& delta : deltas)
      append_delta(events, request.round, delta);
    deltas.clear();
    if (!events.empty()) {
      client_.write(events);
      client_.note_time(watch_.now());
      events.clear();
    }
    // What has been said whole is not cut off: the gateway ends its stream by itself then.
    const bool useless = answer_.ended() && !answer_.done();
    const bool over = useless || step == Step::complete || step == Step::failed;
    if (step == Step::complete) call_.finish();
    if (client_.blocked()) {
      const bool drained = co_await client_.drained(watch_);
      if (!drained) {
        const auto kind =
            watch_.interruption() ? CallFailure::Kind::interrupted : CallFailure::Kind::client_gone;
        co_return std::unexpected(CallFailure{kind, {}});
      }
    }
    if (over) co_return judge(request, step == Step::complete);
    const auto raised = co_await watch_.wait(deadline::bits::upstream_readable);
    if (watch_.interrupted(raised))
      co_return std::unexpected(CallFailure{CallFailure::Kind::interrupted, {}});
  }
}

base::Task<Outcome> ModelCall::read_refusal(const CallRequest& request) {
  const int status = call_.head().status;
  auto document = co_await backend::read_whole(call_, watch_, refusal_bytes_max);
  if (watch_.interruption()) co_return std::unexpected(CallFailure{CallFailure::Kind::interrupted, {}});
  if (status < 400) {
    co_return std::unexpected(
        refusal(request, 502, "The model did not answer with a stream: its provider may not know how to."));
  }
  co_return std::unexpected(failure_of(request, document.value_or(std::string()), status));
}

// `whole`: the stream came to its end in order.
Outcome ModelCall::judge(const CallRequest& request, bool whole) {
  if (!answer_.problem().empty()) return std::unexpected(failure_of(request, answer_.problem(), 502));
  if (answer_.excessive()) {
    return std::unexpected(
        refusal(request, 502,
                fmt::format("The model's answer has more than {} MiB, or more than {} calls of tools.",
                            ModelAnswer::bytes_max >> 20, ModelAnswer::calls_max)));
  }
  if (!answer_.error().empty()) {
    return std::unexpected(
        refusal(request, 502, fmt::format("The model broke its answer off: {}", shortened(answer_.error()))));
  }
  if (answer_.done() || (whole && !answer_.finish_reason().empty())) return {};
  return std::unexpected(
      refusal(request, 502, "The model's answer broke off: its stream ended without an end of its own."));
}

CallFailure ModelCall::refusal(const CallRequest& request, int status, std::string message) const {
  const auto problem = http::make_problem(status, std::move(message));
  return {CallFailure::Kind::refused,
          http::problem_json(problem, type_base_, "/v1/chat/completions", request.request_id)};
}

// The gateway's own problems are told as they are, but for the limit that the chat gave: that one is the
// chat's. What an upstream said by itself becomes a problem that quotes it.
CallFailure ModelCall::failure_of(const CallRequest& request, const std::string& document, int status) {
  const auto parsed = core_.json_reader.read_copy(document);
  if (!parsed) {
    return refusal(request, status,
                   fmt::format("The model's provider answered with status {}, and not in JSON.", status));
  }
  std::string_view type;
  if (!(*parsed)["type"].get(type) && type.starts_with(type_base_)) {
    std::string_view limit;
    std::string_view source;
    const bool ours = !(*parsed)["limit"].get(limit) && limit == "total" &&
                      !(*parsed)["limit_source"].get(source) && source.ends_with(limit_header);
    if (ours) return {CallFailure::Kind::timed_out, {}};
    return {CallFailure::Kind::refused, document};
  }
  json::Element error;
  std::string_view message;
  if ((*parsed)["error"].get(error)) error = *parsed;
  if (error.get(message) && error["message"].get(message)) message = {};
  return refusal(request, status,
                 message.empty() ? fmt::format("The model's provider answered with status {}.", status)
                                 : fmt::format("The model's provider answered with status {}: {}", status,
                                               shortened(message)));
}

}  // namespace punctual::chat
