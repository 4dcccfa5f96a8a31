#include "sim/client.hpp"

#include <array>

namespace punctual::simulation {

using net::IoResult;

Client::Client(World& world, const ClientOptions& options)
    : world_(world), signals_(world.runtime().ready()), next_read_(world.runtime(), signals_, 1) {
  auto [mine, theirs] = net::memory_stream_pair(world.runtime(), options.to_gateway, options.to_client);
  stream_ = std::move(mine);
  connected_at_ = world.now();
  world.add(*this);
  world.listener().accept(std::make_unique<HalfCloseStream>(std::move(theirs), half_));
}

Client::~Client() {
  world_.remove(*this);
}

void Client::hang_up() {
  if (std::exchange(left_, true)) return;
  left_at_ = world_.now();
  stream_->close();
}

void Client::reset() {
  if (std::exchange(left_, true)) return;
  left_at_ = world_.now();
  stream_->abort();
}

void Client::finish_sending() {
  if (!left_) left_at_ = world_.now();
  half_->finish();
}

void Client::read_slowly(std::size_t bytes, deadline::Duration every) {
  read_bytes_ = bytes;
  read_every_ = every;
}

bool Client::act() {
  if (left_) return false;
  const bool wrote = write();
  const bool got = read();
  return wrote || got;
}

bool Client::write() {
  if (unsent_.empty() || end_ != End::open) return false;
  const std::string_view piece = unsent_;
  const IoResult result = stream_->try_write({&piece, 1});
  if (result.kind == IoResult::Kind::failed) unsent_.clear();
  if (result.kind != IoResult::Kind::done) return false;
  unsent_.erase(0, result.bytes);
  sent_.emplace_back((sent_.empty() ? 0 : sent_.back().first) + result.bytes, world_.now());
  return true;
}

bool Client::read() {
  if (end_ != End::open || read_bytes_ == 0) return false;
  const bool slow = read_bytes_ != SIZE_MAX;
  if (slow && world_.now() < read_again_at_) return false;
  std::array<char, 16384> into;
  const IoResult result = stream_->try_read(std::span(into).first(std::min(read_bytes_, into.size())));
  if (result.kind == IoResult::Kind::would_block) return false;
  if (result.kind == IoResult::Kind::done) {
    if (arrivals_.empty() || arrivals_.back().at != world_.now()) arrivals_.push_back({world_.now(), {}});
    arrivals_.back().bytes.append(into.data(), result.bytes);
    if (slow) {
      read_again_at_ = world_.now() + read_every_;
      next_read_.arm(read_again_at_);
    }
    return true;
  }
  end_ = result.kind == IoResult::Kind::end ? End::closed : End::reset;
  ended_at_ = world_.now();
  return true;
}

deadline::Instant Client::sent_at(std::size_t bytes) const {
  for (const auto& [sent, at] : sent_) {
    if (sent >= bytes) return at;
  }
  return deadline::Instant::max();
}

std::string Client::raw() const {
  std::string raw;
  for (const auto& arrival : arrivals_)
    raw.append(arrival.bytes);
  return raw;
}

}  // namespace punctual::simulation
