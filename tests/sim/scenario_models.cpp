#include "sim/scenario_models.hpp"

#include <vector>

namespace punctual::simulation {

namespace {

class Options {
 public:
  void number(const std::string& name, std::uint64_t value) { add(name + "=" + std::to_string(value)); }
  void flag(const std::string& name) { add(name); }
  std::string text() const { return text_; }

 private:
  void add(const std::string& option) { text_ += (text_.empty() ? "" : ",") + option; }
  std::string text_;
};

// What is sent while nothing is said. Never so often that a run would take long.
void draw_noise(Dice& dice, Options& options) {
  if (dice.chance(15)) options.number("comment_every_ms", dice.milliseconds(500, 20'000));
  if (dice.chance(10)) options.number("empty_deltas_every_ms", dice.milliseconds(500, 20'000));
  if (dice.chance(10)) options.number("progress_every_ms", dice.milliseconds(500, 20'000));
}

void draw_fault(Dice& dice, std::uint64_t tokens, Options& options) {
  static const std::vector<std::string> faults = {"hang_after", "reset_after", "close_after", "garbage_after",
                                                  "error_after"};
  static const std::vector<std::uint64_t> statuses = {400, 401, 404, 429, 500, 502, 503};
  const auto kind = dice.below(100);
  if (kind < 30) {
    options.number(dice.pick(faults), dice.below(tokens + 2));
  } else if (kind < 36) {
    options.flag("never");
  } else if (kind < 40) {
    options.number("status", dice.pick(statuses));
  } else if (kind < 42) {
    options.flag("no_such_option");
  } else if (kind < 46) {
    options.flag("no_done");
  }
}

}  // namespace

std::string draw_behaviour(Dice& dice) {
  Options options;
  const bool drips = dice.chance(6);
  const std::uint64_t tokens = drips ? dice.below(5) : dice.below(40);
  options.number("tokens", tokens);
  if (dice.chance(60)) options.number("ttft_ms", dice.milliseconds(1, 30'000));
  if (dice.chance(50)) options.number("itl_ms", dice.milliseconds(1, 4'000));
  if (dice.chance(15)) options.number("headers_ms", dice.milliseconds(1, 30'000));
  if (dice.chance(10)) options.number("reasoning", dice.below(8));
  if (dice.chance(10)) options.number("tool_calls", dice.below(3));
  if (dice.chance(20)) options.flag("split");
  if (dice.chance(20)) options.number("usage", dice.below(2));
  if (dice.chance(20)) options.number("keepalive_ms", dice.milliseconds(1, 6'000));
  if (drips) {
    options.number("byte_ms", dice.milliseconds(1, 1'000));
  } else if (dice.chance(15)) {
    options.number("bytes", dice.between(1, 12'000));
  }
  draw_noise(dice, options);
  // With a length, an answer without its end is whole.
  if (dice.chance(20)) {
    options.flag("length");
  } else if (dice.chance(4)) {
    options.flag("no_end");
  }
  draw_fault(dice, tokens, options);
  return options.text();
}

}  // namespace punctual::simulation
