#include "bench/client.hpp"

#include <algorithm>

namespace punctual::bench {

namespace {

constexpr base::Signals::Mask readable = 1;
constexpr base::Signals::Mask left = 2;
constexpr base::Signals::Mask connected = 4;

}  // namespace

void Client::send(std::string_view request) {
  busy_ = true;
  in_body_ = false;
  body_.clear();
  times_.clear();
  sent_at_ = lab_.now();
  stream_->try_write({&request, 1});
}

void Client::hang_up() {
  leaving_ = true;
  if (stream_) {
    stream_->bind(nullptr, 0, 0);
    stream_->close();
  }
  signals_.raise(left);
}

base::Task<bool> Client::connect() {
  const auto connecting = lab_.connector().connect(endpoint_, signals_, connected);
  for (;;) {
    if (auto outcome = connecting->take()) {
      if (!*outcome) co_return false;
      stream_ = std::move(**outcome);
      stream_->bind(&signals_, readable, 0);
      co_return true;
    }
    const auto raised = co_await signals_.wait(connected | left);
    if (raised & left) co_return false;
  }
}

base::Task<void> Client::run() {
  const bool is_connected = co_await connect();
  if (is_connected && hooks_.connected) hooks_.connected(*this);
  while (is_connected && !leaving_) {
    const auto scratch = lab_.runtime().scratch();
    const auto result = stream_->try_read(scratch);
    if (result.kind == net::IoResult::Kind::done) {
      receive({scratch.data(), result.bytes});
      if (leaving_) break;
      if (stream_->readable()) continue;
    } else if (result.kind != net::IoResult::Kind::would_block) {
      break;
    }
    const auto raised = co_await signals_.wait(readable | left);
    if (raised & left) break;
  }
  finished_ = true;
  if (leaving_) co_return;
  if (stream_) {
    stream_->bind(nullptr, 0, 0);
    stream_->close();
  }
  if (hooks_.ended) hooks_.ended(*this);
}

void Client::receive(std::string_view bytes) {
  if (in_body_) return receive_body(bytes);
  if (!partial_head_.empty()) {
    partial_head_.append(bytes);
    bytes = partial_head_;
  }
  const auto head = read_answer_head(bytes);
  if (!head) {
    partial_head_ = std::string(bytes);
    return;
  }
  head_ = *head;
  in_body_ = true;
  body_left_ = head->content_length.value_or(0);
  receive_body(bytes.substr(head->bytes));
  partial_head_.clear();
}

void Client::receive_body(std::string_view bytes) {
  if (!head_.event_stream) {
    if (keeps_body_) body_.append(bytes);
    body_left_ -= std::min<std::uint64_t>(body_left_, bytes.size());
    if (body_left_ > 0) return;
    busy_ = in_body_ = false;
    if (hooks_.answered) hooks_.answered(*this);
    return;
  }
  const bool error = hooks_.error_event && bytes.find("event: error") != std::string_view::npos;
  times_.feed(bytes, [this](deadline::Instant sent) {
    if (hooks_.event && !leaving_) hooks_.event(*this, sent);
  });
  if (error && !leaving_) hooks_.error_event(*this);
}

Client& Crowd::add(std::uint64_t number) {
  net::Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = port_;
  clients_.push_back(std::make_unique<Client>(lab_, std::move(endpoint), hooks, number));
  clients_.back()->start();
  return *clients_.back();
}

bool Crowd::gather(std::size_t count, std::uint64_t first, const std::function<std::size_t()>& ready,
                   deadline::Duration limit, std::size_t at_a_time) {
  const auto end = lab_.now() + limit;
  for (std::size_t i = 0; i < count; ++i) {
    const auto enough = [&] { return ready() + at_a_time > i; };
    if (!enough() && !lab_.run_until(enough, end - lab_.now())) return false;
    add(first + i);
  }
  return lab_.run_until([&] { return ready() >= count; }, end - lab_.now());
}

void Crowd::disperse() {
  for (auto& client : clients_) {
    if (!client->finished()) client->hang_up();
  }
  constexpr auto limit = std::chrono::seconds(5);
  lab_.run_until(
      [this] { return std::ranges::all_of(clients_, [](auto& client) { return client->finished(); }); },
      limit);
  clients_.clear();
}

Crowd::~Crowd() {
  disperse();
}

}  // namespace punctual::bench
