// A doubly linked list whose links live in its elements: O(1) insert and remove, no allocation.
//
// An element derives from ListNode<Tag>; it leaves its list when it is destroyed. The list does not own its
// elements. One thread only.
#pragma once

#include <cstddef>

namespace punctual::base {

template <class Tag>
class ListNode {
 public:
  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { unlink(); }

  bool linked() const { return next_ != nullptr; }
  void unlink() {
    if (!next_) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = nullptr;
  }

 private:
  template <class, class>
  friend class IntrusiveList;
  ListNode* next_ = nullptr;
  ListNode* previous_ = nullptr;
};

template <class T, class Tag = T>
class IntrusiveList {
  using Node = ListNode<Tag>;

 public:
  IntrusiveList() { root_.next_ = root_.previous_ = &root_; }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;
  ~IntrusiveList() {
    while (!empty())
      front().Node::unlink();
    root_.next_ = root_.previous_ = nullptr;
  }

  bool empty() const { return root_.next_ == &root_; }
  T& front() { return static_cast<T&>(*root_.next_); }
  T& back() { return static_cast<T&>(*root_.previous_); }

  void push_back(T& element) { insert_before(root_, element); }
  void push_front(T& element) { insert_before(*root_.next_, element); }

  // Moves all elements of `other` to the end of this list.
  void splice(IntrusiveList& other) {
    if (other.empty()) return;
    Node* first = other.root_.next_;
    Node* last = other.root_.previous_;
    other.root_.next_ = other.root_.previous_ = &other.root_;
    first->previous_ = root_.previous_;
    root_.previous_->next_ = first;
    last->next_ = &root_;
    root_.previous_ = last;
  }

  // `visit` may unlink the element that it is given, and no other.
  template <class Visit>
  void for_each(Visit visit) {
    for (Node* node = root_.next_; node != &root_;) {
      Node* next = node->next_;
      visit(static_cast<T&>(*node));
      node = next;
    }
  }

 private:
  void insert_before(Node& place, T& element) {
    Node& node = element;
    node.unlink();
    node.previous_ = place.previous_;
    node.next_ = &place;
    place.previous_->next_ = &node;
    place.previous_ = &node;
  }

  Node root_;
};

}  // namespace punctual::base
