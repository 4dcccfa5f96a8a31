// A queue from many threads to one, without a lock: whoever pushes exchanges one pointer and never waits.
#pragma once

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

namespace punctual::requestlog {

template <class T>
class Handover {
 public:
  Handover() = default;
  ~Handover() { take(); }
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;

  // Any thread. True: the queue was empty, so the other side may have to be woken.
  bool push(T value) {
    Node* const node = std::make_unique<Node>(std::move(value), nullptr).release();
    Node* first = first_.load(std::memory_order_relaxed);
    do
      node->next = first;
    while (!first_.compare_exchange_weak(first, node, std::memory_order_release, std::memory_order_relaxed));
    return first == nullptr;
  }

  // One thread. All of them; those of one thread are in the order in which it pushed them.
  std::vector<T> take() {
    std::vector<T> values;
    std::unique_ptr<Node> node(first_.exchange(nullptr, std::memory_order_acquire));
    while (node) {
      values.push_back(std::move(node->value));
      node.reset(node->next);
    }
    for (std::size_t i = 0; i < values.size() / 2; ++i)
      std::swap(values[i], values[values.size() - 1 - i]);
    return values;
  }

 private:
  struct Node {
    T value;
    Node* next;
  };
  std::atomic<Node*> first_ = nullptr;
};

}  // namespace punctual::requestlog
