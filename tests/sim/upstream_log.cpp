#include "sim/upstream_log.hpp"

#include <boost/json.hpp>

#include "http/request_parser.hpp"
#include "http/response_parser.hpp"

namespace punctual::simulation {

class TappedStream final : public net::Stream {
 public:
  TappedStream(std::unique_ptr<net::Stream> stream, std::string host, const deadline::Clock& clock,
               UpstreamLog& log)
      : stream_(std::move(stream)), host_(std::move(host)), clock_(clock), log_(log) {}
  ~TappedStream() override { end(UpstreamCall::End::dropped); }

  net::IoResult try_read(std::span<char> into) override {
    const auto result = stream_->try_read(into);
    if (result.kind == net::IoResult::Kind::done) note_read({into.data(), result.bytes});
    if (result.kind == net::IoResult::Kind::failed) end(UpstreamCall::End::broken);
    if (result.kind == net::IoResult::Kind::end) {
      if (call_ && response_.state() == http::ResponseParser::State::body) response_.end_of_stream();
      const bool whole = response_.state() == http::ResponseParser::State::complete;
      end(whole ? UpstreamCall::End::whole : UpstreamCall::End::broken);
    }
    return result;
  }
  net::IoResult try_write(std::span<const std::string_view> pieces) override {
    const auto result = stream_->try_write(pieces);
    std::size_t left = result.kind == net::IoResult::Kind::done ? result.bytes : 0;
    for (const auto piece : pieces) {
      const auto bytes = piece.substr(0, left);
      left -= bytes.size();
      note_written(bytes);
    }
    return result;
  }
  bool readable() const override { return stream_->readable(); }
  bool peer_closed() const override { return stream_->peer_closed(); }
  void bind(base::Signals* signals, base::Signals::Mask on_readable,
            base::Signals::Mask on_writable) override {
    stream_->bind(signals, on_readable, on_writable);
  }
  void close() override {
    end(UpstreamCall::End::dropped);
    stream_->close();
  }
  void abort() override {
    end(UpstreamCall::End::dropped);
    stream_->abort();
  }
  std::string peer() const override { return stream_->peer(); }

 private:
  using Sending = http::RequestParser::State;
  using Reading = http::ResponseParser::State;

  void note_written(std::string_view bytes) {
    while (!bytes.empty() && request_.state() != Sending::failed) {
      bytes.remove_prefix(request_.feed(bytes));
      if (!call_ && request_.state() != Sending::head) begin();
      if (request_.state() != Sending::complete) continue;
      if (call_) note_sent();
      request_.reset();
    }
  }

  void begin() {
    call_ = &log_.calls_.emplace_back();
    call_->host = host_;
    call_->request_id = request_.head().headers.value("x-request-id");
    call_->begun = clock_.now();
    call_->reused = std::exchange(used_, true);
    response_.reset();
  }

  void note_sent() {
    boost::system::error_code error;
    const auto body = boost::json::parse(request_.body(), error);
    const auto* model = !error && body.is_object() ? body.get_object().if_contains("model") : nullptr;
    if (model && model->is_string()) call_->model = model->get_string();
    call_->sent = true;
    if (log_.on_sent) log_.on_sent(*call_);
  }

  void note_read(std::string_view bytes) {
    if (!call_) return;
    call_->answered = true;
    while (!bytes.empty() && call_) {
      if (response_.state() == Reading::head) {
        bytes.remove_prefix(response_.feed_head(bytes));
      } else {
        bytes.remove_prefix(response_.feed_body(bytes, pieces_));
      }
      if (response_.state() == Reading::failed) return end(UpstreamCall::End::broken);
      if (response_.state() != Reading::head) call_->status = response_.head().status;
      if (response_.state() == Reading::complete) return end(UpstreamCall::End::whole);
    }
  }

  void end(UpstreamCall::End how) {
    if (!call_) return;
    call_->end = how;
    call_->ended = clock_.now();
    call_ = nullptr;
  }

  std::unique_ptr<net::Stream> stream_;
  std::string host_;
  const deadline::Clock& clock_;
  UpstreamLog& log_;
  http::RequestParser request_{std::uint64_t{1} << 30};
  http::ResponseParser response_;
  http::BodyPieces pieces_;
  UpstreamCall* call_ = nullptr;
  bool used_ = false;
};

std::unique_ptr<net::Stream> UpstreamLog::tap(std::unique_ptr<net::Stream> stream, std::string host,
                                              const deadline::Clock& clock) {
  return std::make_unique<TappedStream>(std::move(stream), std::move(host), clock, *this);
}

std::size_t UpstreamLog::open(const std::string& host, const std::string& model) const {
  std::size_t count = 0;
  for (const auto& call : calls_) {
    if (call.sent && call.end == UpstreamCall::End::open && call.host == host && call.model == model) ++count;
  }
  return count;
}

}  // namespace punctual::simulation
