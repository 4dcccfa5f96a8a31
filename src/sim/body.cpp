#include "sim/body.hpp"

#include <algorithm>

#include "http/head_writer.hpp"

namespace punctual::sim {

namespace {

constexpr std::size_t scattered_bytes_max = 40;

}  // namespace

void Body::add(std::string_view before, std::string_view word, std::size_t padding, std::string_view after) {
  const std::size_t size = before.size() + word.size() + padding + after.size();
  if (size == 0) return;
  const bool plain = !behaviour_.byte && !behaviour_.split;
  const bool chunked = plain && framing_ == Framing::chunked;
  std::string& out = plain ? line_.out() : raw_;
  if (chunked) out.append(http::ChunkSize(size).text());
  out.append(before).append(word).append(padding, 'x').append(after);
  if (chunked) out.append(http::chunk_end);
}

void Body::frame(std::string_view bytes) {
  std::string& out = line_.out();
  if (framing_ == Framing::chunked) out.append(http::ChunkSize(bytes.size()).text());
  out.append(bytes);
  if (framing_ == Framing::chunked) out.append(http::chunk_end);
}

void Body::frame_end() {
  if (ended_) line_.out().append(http::last_chunk);
  ended_ = false;
}

base::Task<bool> Body::send() {
  if (!raw_.empty()) {
    auto work = behaviour_.byte ? drip() : scatter();
    const bool sent = co_await work;
    if (!sent) co_return false;
  }
  frame_end();
  if (line_.try_flush()) co_return true;
  auto rest = line_.flush();
  const bool flushed = co_await rest;
  co_return flushed;
}

base::Task<bool> Body::drip() {
  // The head, or the event before, is not to wait for the first byte.
  auto earlier = line_.flush();
  const bool begun = co_await earlier;
  if (!begun) co_return false;
  auto due = line_.runtime().now();
  for (std::size_t i = 0; i < raw_.size(); ++i) {
    due = std::max(due + *behaviour_.byte, line_.runtime().now());
    auto pause = line_.until(due);
    const bool waited = co_await pause;
    if (!waited) co_return false;
    frame(std::string_view(raw_).substr(i, 1));
    auto work = line_.flush();
    const bool sent = co_await work;
    if (!sent) co_return false;
  }
  raw_.clear();
  co_return true;
}

base::Task<bool> Body::scatter() {
  for (std::string_view rest = raw_; !rest.empty();) {
    const std::size_t size = std::min(random_up_to(scattered_bytes_max), rest.size());
    frame(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  raw_.clear();
  while (line_.pending_bytes() > 0) {
    auto work = line_.flush_first(random_up_to(scattered_bytes_max));
    const bool sent = co_await work;
    if (!sent) co_return false;
    co_await line_.breathe();
    if (!line_.look()) co_return false;
  }
  co_return true;
}

// Knuth's linear congruential generator: from 1 to `most`.
std::size_t Body::random_up_to(std::size_t most) {
  random_ = random_ * 6364136223846793005u + 1442695040888963407u;
  return static_cast<std::size_t>(random_ >> 33) % most + 1;
}

}  // namespace punctual::sim
