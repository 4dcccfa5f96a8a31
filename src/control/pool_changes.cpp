#include "control/pool_changes.hpp"

#include <chrono>
#include <cmath>
#include <utility>

namespace punctual::control {

namespace {

namespace bj = boost::json;

constexpr std::uint64_t mebibyte = 1024 * 1024;

void round_down(bj::object& object, std::string_view member) {
  auto& value = object[member];
  value = value.to_number<std::uint64_t>() / mebibyte;
}

// Instead of how long it has been or will be, when that was or will be: it stays what it is.
void fix_in_time(bj::object& model, std::string_view member, double moved_ms) {
  auto& value = model[member];
  if (!value.is_null()) value = std::llround(value.to_number<double>() + moved_ms);
}

bj::object totals_of(const bj::object& document) {
  auto totals = document;
  totals.erase("models");
  round_down(totals, "memory_used_bytes");
  return totals;
}

bj::object marks_of(const bj::object& document, deadline::Instant at) {
  auto marks = document;
  const auto now_ms = std::chrono::duration<double, std::milli>(at.time_since_epoch()).count();
  for (const std::string_view since : {"state_ms", "idle_ms"})
    fix_in_time(marks, since, -now_ms);
  fix_in_time(marks, "retried_in_ms", now_ms);
  // Another word of how far the load is, which is told with it.
  marks.erase("ready_in_ms");
  round_down(marks, "memory_bytes");
  return marks;
}

}  // namespace

std::optional<bj::object> PoolChanges::take(deadline::Instant at, bj::object document) {
  auto totals = totals_of(document);
  auto& models = document["models"].as_array();
  std::vector<std::string> names;
  std::vector<bj::object> marks;
  names.reserve(models.size());
  marks.reserve(models.size());
  for (const auto& model : models) {
    names.emplace_back(model.at("model").as_string());
    marks.push_back(marks_of(model.as_object(), at));
  }
  const bool whole = !std::exchange(told_, true) || names != names_;
  if (!whole) {
    bj::array changed;
    for (std::size_t i = 0; i < models.size(); ++i) {
      if (marks[i] != models_[i]) changed.push_back(std::move(models[i]));
    }
    models = std::move(changed);
  }
  const bool any = whole || !models.empty() || totals != totals_;
  totals_ = std::move(totals);
  names_ = std::move(names);
  models_ = std::move(marks);
  if (!any) return std::nullopt;
  document["whole"] = whole;
  return document;
}

}  // namespace punctual::control
