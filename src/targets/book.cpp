#include "targets/book.hpp"

#include <utility>

namespace punctual::targets {

// All that orders a queue comes by here.
Book::Book(SlotQueue::Post home)
    : home_([home = std::move(home), moves = queue_moves_](std::move_only_function<void()> work) {
        home([moves, work = std::move(work)]() mutable {
          work();
          moves->fetch_add(1, std::memory_order_relaxed);
        });
      }) {}

std::shared_ptr<Target> Book::find(std::string_view provider, std::string_view model) {
  const std::lock_guard lock(mutex_);
  auto models = targets_.find(provider);
  if (models == targets_.end()) models = targets_.emplace(std::string(provider), Models()).first;
  auto found = models->second.find(model);
  if (found == models->second.end() && count_ >= targets_max) {
    model = others;
    found = models->second.find(model);
  }
  if (found != models->second.end()) return found->second;
  ++count_;
  auto target = std::make_shared<Target>(std::string(provider), std::string(model), home_);
  models->second.emplace(std::string(model), target);
  return target;
}

std::shared_ptr<Target> Book::known(std::string_view provider, std::string_view model) const {
  const std::lock_guard lock(mutex_);
  const auto models = targets_.find(provider);
  if (models == targets_.end()) return nullptr;
  const auto found = models->second.find(model);
  return found == models->second.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Target>> Book::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Target>> all;
  all.reserve(count_);
  for (const auto& [provider, models] : targets_) {
    for (const auto& [model, target] : models)
      all.push_back(target);
  }
  return all;
}

Target& Seen::operator()(std::string_view provider, std::string_view model) {
  const auto models = known_.find(provider);
  if (models != known_.end()) {
    const auto found = models->second.find(model);
    if (found != models->second.end()) return *found->second;
  }
  // Names that clients made up are not remembered for ever.
  if (count_ >= Book::targets_max) {
    known_.clear();
    count_ = 0;
  }
  ++count_;
  auto& place = known_[std::string(provider)][std::string(model)];
  place = book_.find(provider, model);
  return *place;
}

}  // namespace punctual::targets
