#include "gateway/management_exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "gateway/live_answer.hpp"
#include "http/head_writer.hpp"
#include "net/wakeup.hpp"

namespace punctual::gateway {

namespace bits = deadline::bits;
using deadline::Interruption;
using deadline::Phase;

namespace {

// No upstream is bound while a management request runs: its bits are free.
constexpr base::Signals::Mask arrived = bits::connected;
constexpr base::Signals::Mask time_to_look = bits::upstream_readable;

}  // namespace

std::string_view ManagementRequest::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

// Where a value arrives from another thread. Lives as long as one of both sides wants it; `waiter` and
// `value` are touched on the loop's thread only.
template <class T>
struct ManagementExchange::Slot {
  base::Signals* waiter = nullptr;
  std::optional<T> value;
};

namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return lower;
}

ManagementRequest request_from(const http::RequestHead& head, std::string body) {
  ManagementRequest request;
  request.method = head.method;
  request.path = head.path;
  request.query = head.query;
  for (const auto& [name, value] : head.headers)
    request.headers.emplace_back(lower_case(name), value);
  request.body = std::move(body);
  return request;
}

}  // namespace

// Until the value has come. False: the watch was interrupted before.
template <class T>
base::Task<bool> ManagementExchange::arrival(std::shared_ptr<Slot<T>> slot) {
  bool interrupted = false;
  while (!slot->value && !interrupted) {
    const auto raised = co_await watch_.wait(arrived);
    interrupted = !slot->value && watch_.interrupted(raised).has_value();
  }
  slot->waiter = nullptr;
  co_return slot->value.has_value();
}

void ManagementExchange::begin_limit(deadline::Duration limit) {
  deadline::Limits limits;
  limits[Phase::total] = {limit, {}};
  limits[Phase::drain] = core_.settings->configuration->timeouts.drain;
  watch_.begin(limits);
  watch_.start(Phase::total);
}

void ManagementExchange::refuse(int status, std::string message) {
  auto problem = http::make_problem(status, std::move(message));
  if (status == 503) problem.retry_after_seconds = 1;
  ReplyContext context = context_;
  context.keep_alive = context.keep_alive && keep_;
  reply_problem(client_, context, problem);
}

base::Task<void> ManagementExchange::run(const http::RequestHead& head, std::string body,
                                         std::string_view peer, bool secure,
                                         const admission::ApiKey* api_key) {
  const std::size_t body_bytes_max = core_.management->body_bytes_max(head.path);
  if (body.size() > body_bytes_max) {
    refuse(413, fmt::format("The body of a request to {} is at most {} MiB.", head.path,
                            body_bytes_max / (1024 * 1024)));
    co_return;
  }
  begin_limit(answer_limit);
  auto slot = std::make_shared<Slot<ManagementAnswer>>();
  slot->waiter = &watch_.signals();
  ManagementRequest request = request_from(head, std::move(body));
  request.request_id = context_.request_id;
  request.client = peer;
  if (api_key) {
    request.key_id = api_key->settings.id;
    request.key_name = api_key->settings.name;
  }
  request.secure = secure;
  request.until = watch_.now() + answer_limit;
  const auto given_up = std::make_shared<std::atomic<bool>>(false);
  request.given_up = given_up;
  auto& post = core_.post;
  core_.management->answer(std::move(request), [slot, &post](ManagementAnswer answer) {
    post([slot, answer = std::move(answer)]() mutable {
      slot->value = std::move(answer);
      if (slot->waiter) slot->waiter->raise(arrived);
    });
  });
  const bool came = co_await arrival(slot);
  if (!came) {
    given_up->store(true, std::memory_order_relaxed);
    keep_ = false;
    const auto interruption = watch_.interruption();
    if (interruption == Interruption::client_gone) co_return;
    refuse(503, interruption == Interruption::expired
                    ? "The answer took longer than 30 seconds; the database may be away. Nothing is known of "
                      "what became of a change: look before you try again."
                    : "The gateway is shutting down.");
    co_return;
  }
  const ManagementAnswer answer = std::move(*slot->value);
  if (answer.live && answer.live->writes_head()) {
    keep_ = false;
    co_await run_live(answer.live);
    co_return;
  }
  const bool sent = co_await send(answer);
  if (sent && answer.stream) co_await send_stream(answer.stream);
  if (sent && answer.live) co_await run_live(answer.live);
}

base::Task<bool> ManagementExchange::send(const ManagementAnswer& answer) {
  std::string head;
  http::HeadWriter writer(head);
  writer.status(answer.status);
  for (const auto& [name, value] : answer.headers)
    writer.field(name, value);
  writer.field("X-Request-ID", context_.request_id);
  const bool bodyless = answer.status == 204 || answer.status == 304;
  relay::Framing framing = relay::Framing::length;
  const bool goes_on = (answer.stream || answer.live) && !context_.head_only;
  if (answer.live) keep_ = false;
  if (goes_on) {
    framing = context_.chunked ? relay::Framing::chunked : relay::Framing::close;
    if (context_.chunked) writer.field("Transfer-Encoding", "chunked");
    if (!context_.chunked) keep_ = false;
  } else if (!bodyless && !answer.stream && !answer.live) {
    writer.field("Content-Length", answer.body.size());
  }
  if (!context_.keep_alive || !keep_) writer.field("Connection", "close");
  writer.end();
  client_.begin(head, answer.status, framing);
  const std::string_view body = answer.body;
  if (goes_on) {
    client_.write(body);
    client_.flush();
  } else if (context_.head_only || bodyless) {
    client_.end();
  } else {
    client_.end({&body, 1});
  }
  const bool drained = co_await client_.drained(watch_);
  abort_ = !drained;
  co_return drained && !client_.ended();
}

base::Task<void> ManagementExchange::run_live(std::shared_ptr<LiveAnswer> live) {
  live_ = live.get();
  const bool whole = co_await live->run(core_, watch_, client_);
  live_ = nullptr;
  abort_ = !whole;
  if (!whole) co_return;
  client_.end();
  if (!client_.blocked()) co_return;
  begin_limit(answer_limit);
  const bool drained = co_await client_.drained(watch_);
  abort_ = !drained;
}

void ManagementExchange::heartbeat(deadline::Instant now) {
  if (live_) live_->heartbeat(now);
}

// Until a stream that had nothing may have something; false when it has to end.
base::Task<bool> ManagementExchange::pause() {
  net::Wakeup wakeup(core_.runtime, watch_.signals(), time_to_look);
  wakeup.arm(watch_.now() + poll_interval);
  const auto raised = co_await watch_.wait(time_to_look);
  wakeup.cancel();
  co_return !watch_.interrupted(raised) && !core_.draining;
}

base::Task<void> ManagementExchange::send_stream(std::shared_ptr<ManagementStream> stream) {
  using State = ManagementStream::State;
  struct Piece {
    State state = State::more;
    std::string bytes;
  };
  auto state = State::more;
  deadline::Limits limits;
  while (state == State::more || state == State::waiting) {
    if (state == State::waiting) {
      // A stream may live for as long as its reader does.
      limits = {};
      limits[Phase::drain] = core_.settings->configuration->timeouts.drain;
      watch_.begin(limits);
      const auto asked_again = watch_.now() + std::chrono::seconds(5);
      bool goes_on = true;
      while (goes_on && !stream->ready() && watch_.now() < asked_again) {
        const bool paused = co_await pause();
        goes_on = paused;
      }
      if (!goes_on) {
        client_.end();
        keep_ = false;
        co_return;
      }
    }
    begin_limit(answer_limit);
    auto slot = std::make_shared<Slot<Piece>>();
    slot->waiter = &watch_.signals();
    auto& post = core_.post;
    core_.management->pull(stream, watch_.now() + answer_limit,
                           [slot, &post](State reached, std::string bytes) {
                             post([slot, reached, bytes = std::move(bytes)]() mutable {
                               slot->value = Piece{reached, std::move(bytes)};
                               if (slot->waiter) slot->waiter->raise(arrived);
                             });
                           });
    const bool came = co_await arrival(slot);
    if (!came || slot->value->state == State::failed) {
      abort_ = true;
      co_return;
    }
    state = slot->value->state;
    const std::string_view bytes = slot->value->bytes;
    if (state == State::ended) {
      client_.end({&bytes, 1});
    } else if (!bytes.empty()) {
      client_.write(bytes);
    }
    const bool drained = co_await client_.drained(watch_);
    if (!drained) {
      abort_ = true;
      co_return;
    }
  }
}

}  // namespace punctual::gateway
