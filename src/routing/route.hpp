// Where a request may go: the targets that are tried, in order, and the rule that said so.
//
// Plain values without allocation; they point into the Configuration of the Router that made them and, for a
// model that is passed on as it came, into the text that the Router was asked about.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "config/bounds.hpp"
#include "config/provider.hpp"
#include "config/rule.hpp"

namespace punctual::routing {

struct Candidate {
  const config::Provider* provider = nullptr;
  std::string_view model;  // what the upstream is asked for
};

// A list of at most config::targets_max candidates.
class Candidates {
 public:
  void push_back(Candidate candidate) { items_[size_++] = candidate; }
  std::size_t size() const { return size_; }
  const Candidate& operator[](std::size_t index) const { return items_[index]; }
  const Candidate* begin() const { return items_.data(); }
  const Candidate* end() const { return items_.data() + size_; }

 private:
  std::array<Candidate, config::targets_max> items_;
  std::size_t size_ = 0;
};

struct Route {
  const config::Rule* rule = nullptr;  // nullptr when none matched
  Candidates candidates;               // at least one
};

}  // namespace punctual::routing
