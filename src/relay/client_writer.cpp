#include "relay/client_writer.hpp"

#include <utility>

#include "base/spare_text.hpp"
#include "http/head_writer.hpp"

namespace punctual::relay {

namespace bits = deadline::bits;
using deadline::Phase;
using net::IoResult;

void ClientWriter::reset() {
  head_.clear();
  backlog_.clear();
  bytes_sent_ = 0;
  status_ = 0;
  ended_ = false;
}

void ClientWriter::begin(std::string head, int status, Framing framing) {
  head_.swap(head);
  status_ = status;
  framing_ = framing;
}

void ClientWriter::write(std::span<const std::string_view> content) {
  std::size_t size = 0;
  for (const auto piece : content)
    size += piece.size();
  if (size == 0) return;
  pieces_.clear();
  if (!head_.empty()) pieces_.push_back(head_);
  const http::ChunkSize chunk_size(size);
  if (framing_ == Framing::chunked) pieces_.push_back(chunk_size.text());
  pieces_.insert(pieces_.end(), content.begin(), content.end());
  if (framing_ == Framing::chunked) pieces_.push_back(http::chunk_end);
  send(pieces_);
}

void ClientWriter::write_framed(std::string_view chunks) {
  pieces_.clear();
  if (!head_.empty()) pieces_.push_back(head_);
  pieces_.push_back(chunks);
  send(pieces_);
}

void ClientWriter::end(std::span<const std::string_view> content) {
  std::size_t size = 0;
  for (const auto piece : content)
    size += piece.size();
  pieces_.clear();
  if (!head_.empty()) pieces_.push_back(head_);
  const http::ChunkSize chunk_size(size);
  if (size > 0) {
    if (framing_ == Framing::chunked) pieces_.push_back(chunk_size.text());
    pieces_.insert(pieces_.end(), content.begin(), content.end());
    if (framing_ == Framing::chunked) pieces_.push_back(http::chunk_end);
  }
  if (framing_ == Framing::chunked) pieces_.push_back(http::last_chunk);
  ended_ = true;
  send(pieces_);
}

void ClientWriter::end_framed(std::string_view chunks) {
  ended_ = true;
  write_framed(chunks);
}

void ClientWriter::flush() {
  pieces_.clear();
  if (!head_.empty()) pieces_.push_back(head_);
  send(pieces_);
}

void ClientWriter::send(std::span<const std::string_view> pieces) {
  std::size_t size = 0;
  for (const auto piece : pieces)
    size += piece.size();
  if (broken_ || size == 0) return;
  std::size_t taken = 0;
  if (backlog_.empty()) {
    const IoResult result = stream_.try_write(pieces);
    if (result.kind == IoResult::Kind::failed) {
      broken_ = true;
      return;
    }
    taken = result.bytes;
    bytes_sent_ += taken;
  }
  if (taken < size) {
    for (auto piece : pieces) {
      const std::size_t skipped = std::min(taken, piece.size());
      taken -= skipped;
      backlog_.append(piece.substr(skipped));
    }
  }
  if (!head_.empty()) base::SpareText::give(head_);  // a stream may stay open for long
}

// True when the socket took something.
bool ClientWriter::push_backlog() {
  const std::string_view held = backlog_;
  const IoResult result = stream_.try_write({&held, 1});
  if (result.kind == IoResult::Kind::failed) broken_ = true;
  bytes_sent_ += result.bytes;
  backlog_.erase(0, result.bytes);
  if (backlog_.empty()) backlog_.shrink_to_fit();
  return result.bytes > 0;
}

base::Task<bool> ClientWriter::drained(deadline::Watch& watch) {
  if (backlog_.empty()) co_return !broken_;
  watch.start(Phase::drain);
  while (!broken_) {
    const bool moved = push_backlog();
    if (backlog_.empty() || broken_) break;
    if (moved) {
      watch.restart(Phase::drain, watch.now());
      continue;
    }
    const auto raised = co_await watch.wait(bits::client_writable);
    if (watch.interrupted(raised)) co_return false;
  }
  watch.stop(Phase::drain);
  co_return !broken_;
}

}  // namespace punctual::relay
