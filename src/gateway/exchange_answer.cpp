// The answer's head and the heartbeats before it: what the client is told of the stream itself.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/decimal.hpp"
#include "base/spare_text.hpp"
#include "base/text.hpp"
#include "dialects/token_estimate.hpp"
#include "gateway/exchange_attempt.hpp"
#include "http/head_writer.hpp"
#include "http/sse.hpp"

namespace punctual::gateway {

using deadline::Phase;

namespace {

// nginx holds answers back unless it is told otherwise, and with them the heartbeats.
constexpr std::string_view buffering_field = "X-Accel-Buffering";

// Most heads fit: one allocation.
constexpr std::size_t head_bytes_usual = 1024;

// Of an upstream's answer, not passed on: what we say ourselves, and what speaks of the upstream's own origin
// (its cookies, its other ports), which is not ours.
constexpr base::NameSet not_passed_on(
    std::to_array<std::string_view>({"x-request-id", "x-should-retry", "server-timing", "set-cookie",
                                     "alt-svc", "strict-transport-security"}));

}  // namespace

void Exchange::begin_answer(const relay::OwnDocument* own) {
  answer_begun_ = true;
  // Whoever waits for the breaker to close need not wait for the end of a long answer. Else the end counts:
  // what begins well and breaks off each time is no success.
  const int status = call_->head().status;
  const bool trial = attempt_->choice.pass == targets::Pass::trial;
  if (trial && status >= 200 && status < 300) {
    attempt_->judgement = Judgement::good;
    report(*attempt_);
    attempt_->answered_well = true;
    attempt_->judgement = Judgement::unclear;
  }
  if (!client_.begun()) write_answer_head(own);
  forget_request();
}

// No other target will be tried, and a stream may stay open for long.
void Exchange::forget_request() {
  base::SpareText::give(request_.body);
  if (!event_stream_) return;
  incoming_.parser->release_head_text();
  call_->release_head_text();
}

void Exchange::write_answer_head(const relay::OwnDocument* own) {
  const auto& upstream = call_->head();
  std::string head = base::SpareText::take();
  head.reserve(head_bytes_usual);
  http::HeadWriter writer(head);
  writer.status(upstream.status);
  const bool bodyless = upstream.status == 204 || upstream.status == 304;
  // Heartbeats and an error event may be added to a stream: its length is not known, even where it was told.
  const bool keeps_length = upstream.content_length && !event_stream_ && !bodyless && !own;
  const bool connection_names_some = upstream.headers.find("connection") != nullptr;
  for (const auto& [name, value] : upstream.headers) {
    if (!keeps_length && base::equals_ignoring_case(name, "content-length")) continue;
    if (own && !own->media_type.empty() && base::equals_ignoring_case(name, "content-type")) continue;
    if (http::is_hop_by_hop(name) || not_passed_on.contains(name)) continue;
    if (connection_names_some && http::named_by_connection(upstream.headers, name)) continue;
    writer.field(name, value);
  }
  if (event_stream_ && !upstream.headers.find("x-accel-buffering")) writer.field(buffering_field, "no");
  append_own_fields(head, tally_.first_token_at.has_value());
  if (own && !own->media_type.empty()) writer.field("Content-Type", own->media_type);
  if (own && !bodyless) writer.field("Content-Length", std::uint64_t{own->bytes});
  relay::Framing framing = relay::Framing::length;
  if (!keeps_length && !bodyless && !own) {
    framing = received_head().minor_version == 1 ? relay::Framing::chunked : relay::Framing::close;
    if (framing == relay::Framing::chunked) writer.field("Transfer-Encoding", "chunked");
    if (framing == relay::Framing::close) after_ = After::close;
  }
  if (after_ != After::keep) writer.field("Connection", "close");
  writer.end();
  client_.begin(std::move(head), upstream.status, framing);
}

void Exchange::append_own_fields(std::string& head, bool first_token_known) const {
  head.append("X-Request-ID: ").append(incoming_.request_id);
  const auto& total = watch_.deadline().limits()[Phase::total];
  if (total.duration) {
    head.append("\r\nX-Punctual-Limit: total=");
    base::append_seconds(head, *total.duration);
    head.append(";source=\"");
    total.source.append_to(head);
    head.append("\"");
  }
  if (!left_out_.empty()) head.append("\r\nX-Punctual-Left-Out: ").append(left_out_);
  head.append("\r\nServer-Timing: queue;dur=");
  base::append_milliseconds(head, notes_.queue.value_or(deadline::Duration::zero()));
  if (call_ && call_->connect_duration()) {
    head.append(", connect;dur=");
    base::append_milliseconds(head, *call_->connect_duration());
  }
  if (first_token_known) {
    head.append(", first_token;dur=");
    base::append_milliseconds(head, *tally_.first_token_at - incoming_.started);
  }
  head.append("\r\n");
}

// Nobody there can count the tokens of a request.
void Exchange::answer_estimate() {
  const auto document = core_.json_reader.read(request_.body);
  const auto tokens = document ? dialects::estimated_input_tokens(*document) : 0;
  reply_document(client_, reply_context(), 200, "application/json",
                 fmt::format(R"({{"input_tokens":{},"estimate":true}})", tokens));
}

// Heartbeats cannot wait for the upstream's head: the gateway promises a stream by itself.
void Exchange::begin_event_stream() {
  event_stream_ = true;
  std::string head;
  http::HeadWriter writer(head);
  writer.status(200)
      .field("Content-Type", "text/event-stream; charset=utf-8")
      .field("Cache-Control", "no-cache")
      .field(buffering_field, "no");
  append_own_fields(head, false);
  const bool chunked = received_head().minor_version == 1;
  if (chunked) {
    writer.field("Transfer-Encoding", "chunked");
  } else {
    after_ = After::close;
  }
  if (after_ != After::keep) writer.field("Connection", "close");
  writer.end();
  client_.begin(std::move(head), 200, chunked ? relay::Framing::chunked : relay::Framing::close);
}

void Exchange::heartbeat(deadline::Instant now) {
  if (!heartbeat_interval_ || client_.ended()) return;
  const auto due = client_.last_write_at() + *heartbeat_interval_;
  if (due > now) {
    watch_.set_heartbeat(due);
    return;
  }
  if (!client_.blocked() && (!client_.begun() || event_stream_)) {
    if (!client_.begun()) begin_event_stream();
    const bool anthropic = traits_.dialect == api::Dialect::anthropic;
    client_.write(anthropic ? http::messages_heartbeat : http::sse_heartbeat);
    ++tally_.heartbeats;
    core_.metrics.heartbeats.add();
  }
  client_.note_time(now);
  watch_.set_heartbeat(now + *heartbeat_interval_);
}

}  // namespace punctual::gateway
