#include "net/resolver.hpp"

#include <netdb.h>

#include <cstring>

namespace punctual::net {

namespace {

constexpr auto answer_kept = std::chrono::seconds(30);

Resolver::Answer look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return std::unexpected(std::string(gai_strerror(error)));
  std::vector<Address> addresses;
  for (const addrinfo* item = found; item; item = item->ai_next) {
    Address address;
    std::memcpy(&address.storage, item->ai_addr, item->ai_addrlen);
    address.length = item->ai_addrlen;
    addresses.push_back(address);
  }
  freeaddrinfo(found);
  return addresses;
}

}  // namespace

Resolver::Resolver() : thread_([this](const std::stop_token& stop) { work(stop); }) {}

Resolver::~Resolver() = default;

void Resolver::resolve(const std::string& host, Callback callback) {
  std::unique_lock lock(mutex_);
  if (const auto known = kept_.find(host); known != kept_.end()) {
    if (std::chrono::steady_clock::now() < known->second.until) {
      const Answer answer = known->second.answer;
      lock.unlock();
      callback(answer);
      return;
    }
    kept_.erase(known);
  }
  auto& waiting = waiting_[host];
  waiting.push_back(std::move(callback));
  if (waiting.size() > 1) return;
  asked_.push_back(host);
  changed_.notify_one();
}

void Resolver::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !asked_.empty(); })) {
    const std::string host = std::move(asked_.front());
    asked_.pop_front();
    lock.unlock();
    const Answer answer = look_up(host);
    lock.lock();
    if (answer) kept_[host] = {answer, std::chrono::steady_clock::now() + answer_kept};
    auto callbacks = std::move(waiting_.extract(host).mapped());
    lock.unlock();
    for (auto& callback : callbacks)
      callback(answer);
    lock.lock();
  }
}

}  // namespace punctual::net
