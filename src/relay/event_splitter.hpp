// Cuts what arrives of an SSE stream into what is whole and what is not yet.
//
// Keeps the unfinished event, whose bytes are copied; whole events are left where they lie. One stream each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/sse.hpp"

namespace punctual::relay {

class EventSplitter {
 public:
  // Appends to `whole` views of the whole events in `pieces` (into the pieces, or into `copy`), and calls
  // `visit` with each event. Returns true when the pieces are exactly the whole events, so that nothing was
  // copied.
  template <class Visit>
  bool split(const std::vector<std::string_view>& pieces, std::vector<std::string_view>& whole,
             std::string& copy, Visit visit) {
    bool untouched = unfinished_.empty();
    if (!untouched) reserve(pieces, copy);
    for (const auto piece : pieces) {
      if (unfinished_.empty()) {
        http::SseEvents events(piece);
        visit_all(events, visit);
        if (events.consumed() > 0) whole.push_back(piece.substr(0, events.consumed()));
        if (events.rest().empty()) continue;
        untouched = false;
        reserve(pieces, copy);
        unfinished_.assign(events.rest());
      } else {
        const std::size_t scanned = unfinished_.size();
        unfinished_.append(piece);
        http::SseEvents events(unfinished_, scanned);
        visit_all(events, visit);
        if (events.consumed() == 0) continue;
        const std::size_t start = copy.size();
        copy.append(unfinished_, 0, events.consumed());
        whole.push_back(std::string_view(copy).substr(start));
        unfinished_.erase(0, events.consumed());
      }
    }
    return untouched;
  }

  const std::string& unfinished() const { return unfinished_; }

 private:
  template <class Visit>
  static void visit_all(http::SseEvents& events, Visit& visit) {
    std::string_view event;
    while (events.next(event))
      visit(event);
  }

  // All that could be copied, so that views into `copy` stay valid.
  void reserve(const std::vector<std::string_view>& pieces, std::string& copy) {
    std::size_t size = copy.size() + unfinished_.size();
    for (const auto piece : pieces)
      size += piece.size();
    if (copy.capacity() < size && copy.empty()) copy.reserve(size);
  }

  std::string unfinished_;
};

}  // namespace punctual::relay
