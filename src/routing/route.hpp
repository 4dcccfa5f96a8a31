// Where a request may go: the targets that are tried, in order, and the rule that said so.
//
// Plain values without allocation; they point into the Router that made them, its Configuration and, for a
// model that is passed on as it came, into the text that the Router was asked about.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

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
  Candidates() = default;
  explicit Candidates(Candidate only) : only_(only), size_(1) {}
  // Of a rule: a target that names no model is asked for `asked`.
  Candidates(std::span<const Candidate> targets, std::string_view asked)
      : targets_(targets.data()), asked_(asked), size_(targets.size()) {}

  std::size_t size() const { return size_; }
  Candidate operator[](std::size_t index) const {
    Candidate candidate = targets_ ? targets_[index] : only_;
    if (candidate.model.empty()) candidate.model = asked_;
    return candidate;
  }

  class Iterator {
   public:
    Iterator(const Candidates& of, std::size_t index) : of_(of), index_(index) {}
    Candidate operator*() const { return of_[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const Candidates& of_;
    std::size_t index_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size_}; }

 private:
  const Candidate* targets_ = nullptr;  // nullptr: only_
  Candidate only_;
  std::string_view asked_;
  std::size_t size_ = 0;
};

struct Route {
  const config::Rule* rule = nullptr;  // nullptr when none matched
  Candidates candidates;               // at least one
};

}  // namespace punctual::routing
