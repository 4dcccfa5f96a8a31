#include "sim/performance.hpp"

#include <algorithm>
#include <chrono>

#include "http/head_writer.hpp"
#include "sim/words.hpp"

namespace punctual::sim {

namespace {

constexpr std::string_view json_type = "application/json";
// So that the client has read what it was sent before: a reset may overtake it.
constexpr auto reset_pause = std::chrono::milliseconds(5);
// Neither a chunk size nor a line of an event stream, nor the start of a head.
constexpr std::string_view garbage = "\x01\xff<<garbage>>\x02 this is no chunk\r\n\r\n";

Body::Framing framing_of(const Ask& ask, int minor_version) {
  const bool plain = minor_version == 0 || (ask.behaviour.length && !ask.stream);
  return plain ? Body::Framing::as_is : Body::Framing::chunked;
}

}  // namespace

Performance::Performance(Line& line, const Ask& ask, int minor_version, bool keep_alive)
    : line_(line),
      ask_(ask),
      behaviour_(ask.behaviour),
      fault_(behaviour_.fault()),
      started_(line.runtime().now()),
      body_(line, behaviour_, framing_of(ask, minor_version)),
      minor_version_(minor_version),
      keep_alive_(keep_alive) {}

base::Task<Outcome> Performance::run() {
  if (behaviour_.never) {
    auto silence = line_.until_over();
    co_await silence;
    co_return Outcome::lost;
  }
  if (behaviour_.headers) {
    auto pause = line_.until(after(*behaviour_.headers));
    const bool open = co_await pause;
    if (!open) co_return Outcome::lost;
  }
  if (behaviour_.garbage_after == 0u) {
    auto work = give_garbage();
    const auto outcome = co_await work;
    co_return outcome;
  }
  if (behaviour_.status) {
    auto work = give_error(static_cast<int>(*behaviour_.status), "A simulated error.", "simulated");
    const auto outcome = co_await work;
    co_return outcome;
  }
  auto work = ask_.stream ? give_stream(script_of(ask_)) : give_document(document_of(ask_));
  const auto outcome = co_await work;
  co_return outcome;
}

void Performance::write_head(std::string_view content_type, std::optional<std::size_t> length) {
  http::HeadWriter head(line_.out());
  head.status(200).field("content-type", content_type);
  if (ask_.stream) head.field("cache-control", "no-cache");
  if (length) {
    head.field("content-length", *length);
  } else if (minor_version_ > 0) {
    head.field("transfer-encoding", "chunked");
  }
  if (!keep_alive_) head.field("connection", "close");
  head.end();
}

base::Task<Outcome> Performance::give_error(int status, std::string_view message, std::string_view code) {
  auto pause = line_.until(after(behaviour_.ttft));
  const bool open = co_await pause;
  if (!open) co_return Outcome::lost;
  const auto text = error_document(ask_.operation, status, message, code, "");
  http::HeadWriter head(line_.out());
  head.status(status).field("content-type", json_type).field("content-length", text.size());
  if (status == 429 || status == 503) head.field("retry-after", 1);
  if (!keep_alive_) head.field("connection", "close");
  head.end();
  line_.out().append(text);
  auto work = line_.flush();
  const bool sent = co_await work;
  co_return sent ? Outcome::whole : Outcome::lost;
}

base::Task<Outcome> Performance::give_document(Document document) {
  std::string& text = document.text;
  const std::uint64_t given = fault_ ? std::min(fault_->after, ask_.tokens) : ask_.tokens;
  const bool fails = fault_ && fault_->after <= ask_.tokens;
  // The last gap is waited out too: ttft + itl * tokens in all.
  Behaviour::Duration delay = behaviour_.ttft + behaviour_.itl * static_cast<std::int64_t>(given);
  if (fails && given == 0) delay = behaviour_.headers.value_or(Behaviour::Duration{});
  const auto due = after(delay);
  const Script no_script;
  if (fails && fault_->kind == Fault::Kind::error) {
    auto pause = line_.until(due);
    const bool open = co_await pause;
    if (!open) co_return Outcome::lost;
    auto work = give_error(500, "The simulated model failed.", "simulated");
    const auto outcome = co_await work;
    co_return outcome;
  }
  const bool plain = behaviour_.length || minor_version_ == 0;
  const bool head_first =
      behaviour_.headers || (!plain && behaviour_.comment_every > Behaviour::Duration::zero());
  const std::optional<std::size_t> length = plain ? std::optional(text.size()) : std::nullopt;
  if (head_first) {
    write_head(json_type, length);
    if (!plain) noise_ = Noise::white_space;
  }
  auto silence = quiet_until(due, no_script);
  const bool open = co_await silence;
  if (!open) co_return Outcome::lost;
  if (!head_first) write_head(json_type, length);
  if (fails) {
    const std::size_t end = document.content + words(content_stem, fault_->after, behaviour_.from).size();
    text.resize(fault_->after == 0 ? 0 : std::min(end, text.size() - 1));
    body_.add(text);
    auto work = fail(no_script);
    const auto outcome = co_await work;
    co_return outcome;
  }
  body_.add(text);
  auto work = finish();
  const auto outcome = co_await work;
  co_return outcome;
}

base::Task<Outcome> Performance::finish() {
  if (!behaviour_.no_end) body_.end();
  auto work = body_.send();
  const bool sent = co_await work;
  if (sent && behaviour_.no_end) {
    auto silence = line_.until_over();
    co_await silence;
  }
  co_return sent && !behaviour_.no_end ? Outcome::whole : Outcome::lost;
}

base::Task<Outcome> Performance::give_garbage() {
  line_.out().append(garbage);
  auto work = line_.flush();
  const bool sent = co_await work;
  co_return sent ? Outcome::cut : Outcome::lost;
}

base::Task<Outcome> Performance::fail(const Script& script) {
  if (fault_->kind == Fault::Kind::error) {
    body_.add(script.error);
    auto work = finish();
    const auto outcome = co_await work;
    co_return outcome;
  }
  auto last = body_.send();
  const bool sent = co_await last;
  if (!sent) co_return Outcome::lost;
  if (fault_->kind == Fault::Kind::hang) {
    while (line_.open()) {
      auto silence = quiet_until(line_.runtime().now() + std::chrono::hours(1), script);
      co_await silence;
    }
    co_return Outcome::lost;
  }
  if (fault_->kind == Fault::Kind::garbage) {
    auto work = give_garbage();
    const auto outcome = co_await work;
    co_return outcome;
  }
  if (fault_->kind == Fault::Kind::reset) {
    auto pause = line_.until(line_.runtime().now() + reset_pause);
    const bool open = co_await pause;
    if (!open) co_return Outcome::lost;
    line_.abort();
  }
  co_return Outcome::cut;
}

}  // namespace punctual::sim
