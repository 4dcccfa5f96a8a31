#include "backend/call.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/spare_text.hpp"

namespace punctual::backend {

namespace bits = deadline::bits;
using deadline::Phase;

net::Endpoint endpoint_of(const config::Provider& provider) {
  net::Endpoint endpoint;
  endpoint.host = provider.kind == config::ProviderKind::simulated ? provider.name : provider.base_url.host;
  endpoint.port = provider.base_url.port;
  endpoint.tls = provider.base_url.scheme == config::Scheme::https;
  endpoint.unix_path = provider.base_url.socket_path;
  endpoint.ca_file = provider.ca_file;
  return endpoint;
}

base::Task<std::expected<void, Failure>> Call::open(const UpstreamRequest& request,
                                                    std::span<const std::string_view> body) {
  endpoint_ = endpoint_of(*request.provider);
  constexpr std::size_t head_bytes_usual = 1024;
  head_text_ = base::SpareText::take();
  head_text_.reserve(head_bytes_usual);
  append_upstream_head(head_text_, request);
  services_.metrics.attempts.add();
  // A limit that became known only with the model's name may have run out already.
  if (watch_.interrupted(bits::timer)) co_return std::unexpected(Failure{FailureKind::interrupted, {}});
  connection_ = services_.pool.take(endpoint_);
  for (reused_ = connection_ != nullptr;; reused_ = false) {
    answered_early_ = false;
    if (!connection_) {
      auto connected = co_await connect(*request.provider);
      if (!connected) co_return std::unexpected(std::move(connected.error()));
    }
    connection_->stream->bind(&watch_.signals(), bits::upstream_readable, bits::upstream_writable);
    auto sent = co_await send(body);
    if (sent) {
      watch_.start(Phase::first_token);
      auto received = co_await receive_head();
      sent = std::move(received);
    }
    if (sent) {
      if (reused_) services_.metrics.upstream_connections_reused.add();
      co_return sent;
    }
    const bool went_stale =
        reused_ && sent.error().kind == FailureKind::broken && !connection_->parser.started();
    if (!went_stale) {
      cancel();
      co_return sent;
    }
    // The attempt goes on, and so does its clock.
    watch_.stop(Phase::first_token);
    close();
  }
}

base::Task<std::expected<void, Failure>> Call::connect(const config::Provider& provider) {
  const auto started = watch_.now();
  watch_.start(Phase::connect, started);
  auto& network =
      provider.kind == config::ProviderKind::simulated ? services_.simulated_network : services_.network;
  const auto connecting = network.connect(endpoint_, watch_.signals(), bits::connected);
  for (;;) {
    if (auto outcome = connecting->take()) {
      watch_.stop(Phase::connect);
      if (!*outcome) co_return std::unexpected(Failure{FailureKind::unreachable, outcome->error().detail});
      connection_ = std::make_unique<Connection>();
      connection_->stream = std::move(**outcome);
      break;
    }
    const auto raised = co_await watch_.wait(bits::connected);
    if (watch_.interrupted(raised)) co_return std::unexpected(Failure{FailureKind::interrupted, {}});
  }
  connect_duration_ = watch_.now() - started;
  services_.metrics.upstream_connections_opened.add();
  co_return std::expected<void, Failure>{};
}

// One write of what follows the first `sent` bytes of head and body.
net::IoResult Call::write_from(std::size_t sent, std::span<const std::string_view> body) {
  constexpr std::size_t pieces_max = 16;
  std::array<std::string_view, pieces_max> pieces;
  std::size_t count = 0;
  const auto add = [&](std::string_view piece) {
    const std::size_t skipped = std::min(sent, piece.size());
    sent -= skipped;
    if (skipped < piece.size() && count < pieces_max) pieces[count++] = piece.substr(skipped);
  };
  add(head_text_);
  for (const auto piece : body)
    add(piece);
  return connection_->stream->try_write({pieces.data(), count});
}

base::Task<std::expected<void, Failure>> Call::send(std::span<const std::string_view> body) {
  std::size_t size = head_text_.size();
  for (const auto piece : body)
    size += piece.size();
  std::size_t sent = 0;
  while (sent < size) {
    const auto result = write_from(sent, body);
    if (result.kind == net::IoResult::Kind::failed) {
      // It may have said why before it stopped reading.
      answered_early_ = connection_->stream->readable();
      if (answered_early_) break;
      co_return std::unexpected(Failure{
          FailureKind::broken,
          endpoint_.text() + " closed the connection (" + std::strerror(result.error) + ")", result.error});
    }
    sent += result.bytes;
    delivered_ = delivered_ || sent > 0;
    if (sent == size) break;
    if (result.kind != net::IoResult::Kind::would_block) continue;
    const auto raised = co_await watch_.wait(bits::upstream_writable | bits::upstream_readable);
    if (watch_.interrupted(raised)) co_return std::unexpected(Failure{FailureKind::interrupted, {}});
    answered_early_ = connection_->stream->readable();
    if (answered_early_) break;
  }
  co_return std::expected<void, Failure>{};
}

base::Task<std::expected<void, Failure>> Call::receive_head() {
  for (;;) {
    const auto scratch = services_.runtime.scratch();
    const auto result = connection_->stream->try_read(scratch);
    if (result.kind == net::IoResult::Kind::done) {
      const std::string_view bytes(scratch.data(), result.bytes);
      pending_ = bytes.substr(connection_->parser.feed_head(bytes));
      if (connection_->parser.state() == http::ResponseParser::State::failed) {
        co_return std::unexpected(
            Failure{FailureKind::garbage,
                    endpoint_.text() + " did not answer in HTTP/1.1: " + connection_->parser.error()});
      }
      if (connection_->parser.state() != http::ResponseParser::State::head) {
        head_received_ = true;
        base::SpareText::give(head_text_);  // a stream may stay open for long
        co_return std::expected<void, Failure>{};
      }
      continue;
    }
    if (result.kind == net::IoResult::Kind::end) {
      co_return std::unexpected(
          Failure{FailureKind::broken, endpoint_.text() + " closed the connection before it answered"});
    }
    if (result.kind == net::IoResult::Kind::failed) {
      co_return std::unexpected(Failure{
          FailureKind::broken,
          endpoint_.text() + " broke the connection (" + std::strerror(result.error) + ")", result.error});
    }
    const auto raised = co_await watch_.wait(bits::upstream_readable);
    if (watch_.interrupted(raised)) co_return std::unexpected(Failure{FailureKind::interrupted, {}});
  }
}

Call::Step Call::read(http::BodyPieces& pieces, std::string_view& raw) {
  auto& parser = connection_->parser;
  pieces.clear();
  raw = {};
  if (parser.state() == http::ResponseParser::State::complete) return Step::complete;
  if (parser.state() == http::ResponseParser::State::failed) return Step::failed;
  std::string_view bytes = std::exchange(pending_, {});
  if (bytes.empty()) {
    const auto scratch = services_.runtime.scratch();
    const auto result = connection_->stream->try_read(scratch);
    switch (result.kind) {
      case net::IoResult::Kind::done:
        bytes = {scratch.data(), result.bytes};
        break;
      case net::IoResult::Kind::would_block:
        return Step::blocked;
      case net::IoResult::Kind::end: {
        parser.end_of_stream();
        if (parser.state() == http::ResponseParser::State::complete) return Step::complete;
        failure_ = {FailureKind::broken, endpoint_.text() + ": " + parser.error()};
        return Step::failed;
      }
      case net::IoResult::Kind::failed:
        failure_ = {FailureKind::broken,
                    endpoint_.text() + " broke the connection (" + std::strerror(result.error) + ")",
                    result.error};
        return Step::failed;
    }
  }
  const std::size_t used = parser.feed_body(bytes, pieces);
  raw = bytes.substr(0, used);
  pending_ = bytes.substr(used);
  if (parser.state() == http::ResponseParser::State::failed) {
    failure_ = {FailureKind::garbage, endpoint_.text() + " sent a malformed body: " + parser.error()};
    // What came whole before the garbage was generated, and is delivered.
    return pieces.content.empty() ? Step::failed : Step::data;
  }
  return parser.state() == http::ResponseParser::State::complete ? Step::complete : Step::data;
}

// What remains to be done is between the client and us.
void Call::stop_clocks() {
  for (const Phase phase : {Phase::connect, Phase::first_token, Phase::attempt})
    watch_.stop(phase);
}

void Call::finish() {
  if (!connection_) return;
  finished_ = true;
  stop_clocks();
  // Bytes behind the answer belong to no request; they would be taken for the next one's answer.
  const bool silent = pending_.empty() && !connection_->stream->readable();
  if (connection_->parser.keep_alive() && silent && !answered_early_) {
    services_.pool.give_back(endpoint_, std::move(connection_));
  }
  cancel();
}

void Call::refuse(std::string detail) {
  failure_ = {FailureKind::garbage, endpoint_.text() + " " + std::move(detail)};
  cancel();
}

void Call::cancel() {
  if (!connection_) return;
  stop_clocks();
  close();
}

void Call::close() {
  connection_->stream->bind(nullptr, 0, 0);
  connection_.reset();
}

}  // namespace punctual::backend
