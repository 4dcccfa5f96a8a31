// What was measured: samples to take quantiles of, and the table of figures by target, over several rounds.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/target.hpp"
#include "deadline/clock.hpp"

namespace punctual::bench {

class Samples {
 public:
  void add(deadline::Duration sample) { samples_.push_back(sample); }
  void clear() { samples_.clear(); }
  std::size_t size() const { return samples_.size(); }
  // 0 is the smallest, 1 the largest. Zero when there are none. Sorts.
  deadline::Duration quantile(double share);

 private:
  std::vector<deadline::Duration> samples_;
};

inline double milliseconds(deadline::Duration duration) {
  return deadline::seconds(duration) * 1e3;
}
inline double microseconds(deadline::Duration duration) {
  return deadline::seconds(duration) * 1e6;
}

class Figures {
 public:
  // A figure is a row; each call is its value for one target in one round.
  void add(std::string_view name, TargetKind target, double value);
  // A remark for below the table; the same one is kept once.
  void note(std::string text);

  // The median of each figure for each target, and the ratio of the gateway to nginx.
  std::string table() const;

 private:
  struct Row {
    std::string name;
    std::array<std::vector<double>, all_targets.size()> values;
  };

  std::vector<Row> rows_;
  std::vector<std::string> notes_;
};

}  // namespace punctual::bench
