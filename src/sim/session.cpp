#include "sim/session.hpp"

#include <chrono>

#include "http/head_writer.hpp"
#include "json/splice.hpp"
#include "sim/echo.hpp"

namespace punctual::sim {

namespace {

constexpr std::uint64_t body_bytes_max = 64 * 1024 * 1024;

Operation operation_of(Route route) {
  switch (route) {
    case Route::completions:
      return Operation::completions;
    case Route::embeddings:
      return Operation::embeddings;
    case Route::messages:
      return Operation::messages;
    default:
      return Operation::chat;
  }
}

std::string model_json(std::string_view name) {
  return R"({"id":)" + json::quoted(name) + R"(,"object":"model","created":0,"owned_by":"punctual"})";
}

std::string model_list() {
  std::string text = R"({"object":"list","data":[)";
  for (const auto& model : friendly_models)
    text.append(&model == friendly_models.data() ? "" : ",").append(model_json(model.name));
  return text + "]}";
}

}  // namespace

Session::Session(net::Runtime& runtime, Counters& counters, json::Reader& reader,
                 std::unique_ptr<net::Stream> stream)
    : counters_(counters), reader_(reader), line_(runtime, std::move(stream)), parser_(body_bytes_max) {}

base::Task<void> Session::run() {
  for (;;) {
    auto reading = read_request();
    const bool complete = co_await reading;
    if (!complete) break;
    auto answering = answer();
    const bool again = co_await answering;
    if (!again) break;
  }
  line_.close();
}

void Session::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto state = parser_.state();
    if (state == http::RequestParser::State::complete || state == http::RequestParser::State::failed) break;
    bytes.remove_prefix(parser_.feed(bytes));
  }
  unread_.assign(bytes);
}

bool Session::wants_continue() const {
  return parser_.state() == http::RequestParser::State::body && parser_.head().expects_continue &&
         parser_.body().empty() && !continued_;
}

base::Task<bool> Session::read_request() {
  parser_.reset();
  continued_ = false;
  const auto idle_until = keepalive_ ? line_.runtime().now() + *keepalive_ : deadline::Instant::max();
  feed(std::string(std::move(unread_)));
  for (;;) {
    const auto state = parser_.state();
    if (state == http::RequestParser::State::complete || state == http::RequestParser::State::failed)
      co_return true;
    if (wants_continue()) {
      continued_ = true;
      line_.out().append("HTTP/1.1 100 Continue\r\n\r\n");
      if (!line_.try_flush()) co_return false;
    }
    const auto scratch = line_.runtime().scratch();
    const auto got = line_.read(scratch);
    if (got.kind == net::IoResult::Kind::done) {
      feed({scratch.data(), got.bytes});
    } else if (got.kind == net::IoResult::Kind::would_block) {
      auto waiting = line_.until_readable(parser_.started() ? deadline::Instant::max() : idle_until);
      const bool readable = co_await waiting;
      if (!readable) co_return false;
    } else {
      co_return false;
    }
  }
}

base::Task<bool> Session::answer() {
  keepalive_.reset();
  if (parser_.state() == http::RequestParser::State::failed) {
    const auto& error = parser_.error();
    auto work = refuse(error.status, Operation::chat, {error.detail, "", "malformed"});
    co_await work;
    co_return false;
  }
  std::string_view path = parser_.head().path;
  const Route route = route_of(path);
  if (route == Route::none) {
    auto work = refuse(404, Operation::chat, {"There is nothing at this path.", "", "not_found"});
    const bool again = co_await work;
    co_return again;
  }
  if (!parser_.head().is(method_of(route))) {
    auto work = refuse(405, operation_of(route),
                       {"This path wants " + std::string(method_of(route)) + ".", "", "method_not_allowed"});
    const bool again = co_await work;
    co_return again;
  }
  if (method_of(route) == "POST") {
    auto work = generate(operation_of(route));
    const bool again = co_await work;
    co_return again;
  }
  auto text = information(route, path);
  auto work = text.empty()
                  ? refuse(404, Operation::chat, {"There is no such model.", "model", "model_not_found"})
                  : reply(200, std::move(text));
  const bool again = co_await work;
  co_return again;
}

std::string Session::information(Route route, std::string_view path) const {
  if (route == Route::stats) return counters_.json();
  if (route == Route::health) return R"({"status":"ok"})";
  if (route == Route::models) return model_list();
  const auto name = path.substr(model_prefix.size());
  return parse_behaviour(name) ? model_json(name) : std::string();
}

base::Task<bool> Session::generate(Operation operation) {
  const auto number = counters_.start();
  auto body = parser_.take_body();
  auto ask = read_ask(reader_, operation, body);
  if (!ask) {
    auto work = refuse(400, operation, ask.error());
    const bool again = co_await work;
    count(line_.open() ? Outcome::whole : Outcome::lost);
    co_return again;
  }
  ask->number = number;
  ask->created =
      std::chrono::duration_cast<std::chrono::seconds>(line_.runtime().clock().wall_now().time_since_epoch())
          .count();
  if (ask->behaviour.echo) ask->echo = echo_of(parser_.head(), body);
  body = {};
  keepalive_ = ask->behaviour.keepalive;
  Performance performance(line_, *ask, parser_.head().minor_version, parser_.head().keep_alive);
  auto work = performance.run();
  const auto outcome = co_await work;
  const bool usable = count(outcome);
  co_return usable&& parser_.head().keep_alive;
}

bool Session::count(Outcome outcome) {
  if (outcome == Outcome::lost && line_.state() == Line::State::hung_up) {
    line_.close();
    counters_.abort(line_.runtime().now() - line_.hung_up_at());
  } else if (outcome == Outcome::lost) {
    line_.abort();
    counters_.stop();
  } else {
    counters_.finish();
  }
  return outcome == Outcome::whole;
}

base::Task<bool> Session::refuse(int status, Operation operation, Refusal refusal) {
  auto text = error_document(operation, status, refusal.message, refusal.code, refusal.param);
  auto work = reply(status, std::move(text));
  const bool again = co_await work;
  co_return again;
}

base::Task<bool> Session::reply(int status, std::string text) {
  const bool keep_alive =
      parser_.state() == http::RequestParser::State::complete && parser_.head().keep_alive;
  http::HeadWriter head(line_.out());
  head.status(status).field("content-type", "application/json").field("content-length", text.size());
  if (!keep_alive) head.field("connection", "close");
  head.end();
  line_.out().append(text);
  auto work = line_.flush();
  const bool sent = co_await work;
  co_return sent&& keep_alive;
}

}  // namespace punctual::sim
