#include "bench/upstream.hpp"

#include "base/text.hpp"
#include "bench/messages.hpp"
#include "net/address.hpp"

namespace punctual::bench {

namespace {

constexpr base::Signals::Mask readable = 1;
constexpr base::Signals::Mask stopped = 2;

}  // namespace

std::expected<std::unique_ptr<Upstream>, std::string> Upstream::listen(Lab& lab) {
  std::unique_ptr<Upstream> upstream(new Upstream(lab));
  auto acceptor = net::Acceptor::listen(
      lab.loop(), *net::parse_listen_address("127.0.0.1:0"), nullptr,
      [&self = *upstream](std::unique_ptr<net::Stream> stream) {
        base::spawn(self.serve(std::make_unique<Session>(std::move(stream), self.lab_.runtime().ready())));
      });
  if (!acceptor) return std::unexpected(acceptor.error());
  upstream->acceptor_ = std::move(*acceptor);
  const auto local = upstream->acceptor_->local();
  upstream->port_ = static_cast<std::uint16_t>(*base::parse_unsigned(local.substr(local.rfind(':') + 1)));
  return upstream;
}

void Upstream::stop() {
  acceptor_.reset();
  closed_ = nullptr;
  sessions_.for_each([](Session& session) { session.signals.raise(stopped); });
}

base::Task<void> Upstream::serve(std::unique_ptr<Session> own) {
  Session& session = *own;
  sessions_.push_back(session);
  ++session_count_;
  session.stream->bind(&session.signals, readable, 0);
  for (;;) {
    const auto scratch = lab_.runtime().scratch();
    const auto result = session.stream->try_read(scratch);
    if (result.kind == net::IoResult::Kind::done) {
      if (!read_requests(session, {scratch.data(), result.bytes})) break;
      if (session.stream->readable()) continue;
    } else if (result.kind != net::IoResult::Kind::would_block) {
      break;
    }
    const auto raised = co_await session.signals.wait(readable | stopped);
    if (raised & stopped) break;
  }
  const auto now = lab_.now();
  session.stream->bind(nullptr, 0, 0);
  session.stream->close();
  session.unlink();
  --session_count_;
  if (session.number != 0) {
    waiting_.erase(session.number);
    if (closed_) closed_(session.number, now);
  }
}

bool Upstream::read_requests(Session& session, std::string_view bytes) {
  if (!session.inbox.empty()) {
    session.inbox.append(bytes);
    bytes = session.inbox;
  }
  while (!bytes.empty()) {
    const auto frame = read_request_frame(bytes);
    if (!frame || bytes.size() < frame->head_bytes + frame->body_bytes) break;
    if (!handle(session, bytes.substr(frame->head_bytes, frame->body_bytes))) return false;
    bytes.remove_prefix(frame->head_bytes + frame->body_bytes);
  }
  if (bytes.empty()) {
    session.inbox.clear();
  } else {
    session.inbox = std::string(bytes);
  }
  return true;
}

bool Upstream::handle(Session& session, std::string_view body) {
  if (behaviour_ == Behaviour::answer) return send(session, answer_text());
  session.number = number_in(body);
  waiting_[session.number] = &session;
  if (behaviour_ == Behaviour::silent) return true;
  return send(session, stream_head()) && send(session, event_chunk(lab_.now()));
}

bool Upstream::send(Session& session, std::string_view bytes) {
  const auto result = session.stream->try_write({&bytes, 1});
  return result.kind == net::IoResult::Kind::done && result.bytes == bytes.size();
}

bool Upstream::send_event(std::uint64_t number) {
  const auto found = waiting_.find(number);
  return found != waiting_.end() && send(*found->second, event_chunk(lab_.now()));
}

}  // namespace punctual::bench
