#include "net/resolver.hpp"

#include <netdb.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace punctual::net {

namespace {

constexpr auto answer_kept = std::chrono::seconds(30);
constexpr std::size_t threads_max = 4;

Resolver::Answer look_up_by_system(const std::string& host) {
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

// Shared with the threads: one may still be inside getaddrinfo when the resolver has ended.
struct Resolver::State {
  struct Kept {
    Answer answer;
    std::chrono::steady_clock::time_point until;
  };

  explicit State(LookUp with) : look_up(std::move(with)) {}

  const LookUp look_up;
  std::mutex mutex;
  std::condition_variable changed;  // something was asked, or the resolver ended
  std::condition_variable called;   // no callback is running
  std::deque<std::string> asked;
  std::map<std::string, std::vector<Callback>> waiting;
  std::map<std::string, Kept> kept;
  std::size_t threads = 0;
  std::size_t idle = 0;
  std::size_t calling = 0;
  bool ended = false;
};

Resolver::Resolver() : Resolver(LookUp(&look_up_by_system)) {}

Resolver::Resolver(LookUp look_up) : state_(std::make_shared<State>(std::move(look_up))) {}

Resolver::~Resolver() {
  std::map<std::string, std::vector<Callback>> dropped;
  std::unique_lock lock(state_->mutex);
  state_->ended = true;
  state_->asked.clear();
  dropped.swap(state_->waiting);
  state_->changed.notify_all();
  state_->called.wait(lock, [this] { return state_->calling == 0; });
}

void Resolver::resolve(const std::string& host, Callback callback) {
  State& state = *state_;
  std::unique_lock lock(state.mutex);
  if (const auto known = state.kept.find(host); known != state.kept.end()) {
    if (std::chrono::steady_clock::now() < known->second.until) {
      const Answer answer = known->second.answer;
      lock.unlock();
      callback(answer);
      return;
    }
    state.kept.erase(known);
  }
  auto& waiting = state.waiting[host];
  waiting.push_back(std::move(callback));
  if (waiting.size() > 1) return;
  state.asked.push_back(host);
  if (state.asked.size() > state.idle && state.threads < threads_max) {
    ++state.threads;
    std::thread(&Resolver::work, state_).detach();
  }
  state.changed.notify_one();
}

void Resolver::work(const std::shared_ptr<State>& shared) {
  State& state = *shared;
  std::unique_lock lock(state.mutex);
  while (true) {
    ++state.idle;
    state.changed.wait(lock, [&state] { return state.ended || !state.asked.empty(); });
    --state.idle;
    if (state.ended) return;
    const std::string host = std::move(state.asked.front());
    state.asked.pop_front();
    lock.unlock();
    const Answer answer = state.look_up(host);
    lock.lock();
    if (state.ended) return;
    if (answer) state.kept[host] = {answer, std::chrono::steady_clock::now() + answer_kept};
    auto callbacks = std::move(state.waiting.extract(host).mapped());
    ++state.calling;
    lock.unlock();
    for (auto& callback : callbacks)
      callback(answer);
    callbacks.clear();
    lock.lock();
    if (--state.calling == 0) state.called.notify_all();
  }
}

}  // namespace punctual::net
