#include "bench/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace punctual::bench {

namespace {

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::string number(std::optional<double> value) {
  if (!value) return "-";
  const double size = std::abs(*value);
  if (size >= 1000) return fmt::format("{:.0f}", *value);
  if (size >= 10) return fmt::format("{:.1f}", *value);
  return fmt::format("{:.3f}", *value);
}

std::string ratio(std::optional<double> ours, std::optional<double> theirs) {
  if (!ours || !theirs || *theirs == 0) return "-";
  return fmt::format("{:.2f}x", *ours / *theirs);
}

constexpr std::size_t place(TargetKind kind) {
  return static_cast<std::size_t>(kind);
}

}  // namespace

deadline::Duration Samples::quantile(double share) {
  if (samples_.empty()) return deadline::Duration::zero();
  std::ranges::sort(samples_);
  const auto last = static_cast<double>(samples_.size() - 1);
  return samples_[static_cast<std::size_t>(std::llround(share * last))];
}

void Figures::add(std::string_view name, TargetKind target, double value) {
  auto row = std::ranges::find(rows_, name, &Row::name);
  if (row == rows_.end()) {
    rows_.emplace_back().name = name;
    row = rows_.end() - 1;
  }
  row->values[place(target)].push_back(value);
}

void Figures::note(std::string text) {
  if (std::ranges::find(notes_, text) == notes_.end()) notes_.push_back(std::move(text));
}

std::string Figures::table() const {
  std::size_t width = 0;
  for (const auto& row : rows_)
    width = std::max(width, row.name.size());
  std::string text = fmt::format("{:<{}}", "", width);
  for (const auto kind : all_targets)
    text += fmt::format(" {:>10}", name_of(kind));
  text += fmt::format(" {:>10} {:>10}\n", "to nginx", "to +log");
  for (const auto& row : rows_) {
    text += fmt::format("{:<{}}", row.name, width);
    for (const auto kind : all_targets)
      text += fmt::format(" {:>10}", number(median(row.values[place(kind)])));
    const auto ours = median(row.values[place(TargetKind::punctual)]);
    text += fmt::format(" {:>10} {:>10}\n", ratio(ours, median(row.values[place(TargetKind::nginx)])),
                        ratio(ours, median(row.values[place(TargetKind::nginx_log)])));
  }
  for (const auto& line : notes_)
    text += "  " + line + "\n";
  return text;
}

}  // namespace punctual::bench
