#include "sim/behaviour.hpp"

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <variant>

#include "base/text.hpp"

namespace punctual::sim {

namespace {

using Duration = deadline::Duration;
using Number = std::uint64_t;
using Member =
    std::variant<Number Behaviour::*, std::optional<Number> Behaviour::*, Duration Behaviour::*,
                 std::optional<Duration> Behaviour::*, bool Behaviour::*, std::optional<bool> Behaviour::*>;

constexpr Number count_max = 1'000'000;
constexpr Number milliseconds_max = 24 * 3600 * 1000;
constexpr Number body_bytes_max = 16 * 1024 * 1024;
constexpr Number tool_calls_max = 128;
constexpr Number rounds_max = 1000;

struct Option {
  std::string_view name;
  Member member;
  Number min = 0;
  Number max = count_max;
};

constexpr std::array options = {
    Option{"tokens", &Behaviour::tokens},
    Option{"from", &Behaviour::from},
    Option{"reasoning", &Behaviour::reasoning},
    Option{"tool_calls", &Behaviour::tool_calls, 0, tool_calls_max},
    Option{"rounds", &Behaviour::rounds, 0, rounds_max},
    Option{"bytes", &Behaviour::bytes, 0, body_bytes_max},
    Option{"ttft_ms", &Behaviour::ttft, 0, milliseconds_max},
    Option{"itl_ms", &Behaviour::itl, 0, milliseconds_max},
    Option{"headers_ms", &Behaviour::headers, 0, milliseconds_max},
    Option{"byte_ms", &Behaviour::byte, 1, milliseconds_max},
    Option{"comment_every_ms", &Behaviour::comment_every, 1, milliseconds_max},
    Option{"empty_deltas_every_ms", &Behaviour::empty_deltas_every, 1, milliseconds_max},
    Option{"progress_every_ms", &Behaviour::progress_every, 1, milliseconds_max},
    Option{"hang_after", &Behaviour::hang_after},
    Option{"reset_after", &Behaviour::reset_after},
    Option{"close_after", &Behaviour::close_after},
    Option{"garbage_after", &Behaviour::garbage_after},
    Option{"error_after", &Behaviour::error_after},
    Option{"status", &Behaviour::status, 400, 599},
    Option{"keepalive_ms", &Behaviour::keepalive, 0, milliseconds_max},
    Option{"usage", &Behaviour::usage, 0, 1},
    Option{"never", &Behaviour::never, 0, 1},
    Option{"no_done", &Behaviour::no_done, 0, 1},
    Option{"no_end", &Behaviour::no_end, 0, 1},
    Option{"length", &Behaviour::length, 0, 1},
    Option{"split", &Behaviour::split, 0, 1},
    Option{"echo", &Behaviour::echo, 0, 1},
    Option{"sql", &Behaviour::sql, 0, 1},
};

void assign(Behaviour& behaviour, const Member& member, Number value) {
  std::visit(
      [&](auto pointer) {
        using Target = std::remove_reference_t<decltype(behaviour.*pointer)>;
        if constexpr (std::is_same_v<Target, Duration> || std::is_same_v<Target, std::optional<Duration>>) {
          behaviour.*pointer = std::chrono::milliseconds(value);
        } else if constexpr (std::is_same_v<Target, bool> || std::is_same_v<Target, std::optional<bool>>) {
          behaviour.*pointer = value != 0;
        } else {
          behaviour.*pointer = value;
        }
      },
      member);
}

std::string inside_quotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

// Empty when the item is understood, else what is wrong.
std::string apply(Behaviour& behaviour, std::string_view item) {
  std::string_view value = item;
  const std::string_view name = base::take_item(value, '=');
  value = base::trimmed(value);
  const auto option = std::ranges::find(options, name, &Option::name);
  if (option == options.end()) {
    return "The model's name has the unknown option " + inside_quotes(name) + ".";
  }
  const bool flag = std::holds_alternative<bool Behaviour::*>(option->member);
  const bool alone = item.find('=') == std::string_view::npos;
  const auto number = alone && flag ? std::optional<Number>(1) : base::parse_unsigned(value);
  if (!number || *number < option->min || *number > option->max) {
    return "The option " + inside_quotes(name) + " in the model's name wants a whole number from " +
           std::to_string(option->min) + " to " + std::to_string(option->max) + ", not " +
           inside_quotes(value) + ".";
  }
  assign(behaviour, option->member, *number);
  return {};
}

std::string apply_all(Behaviour& behaviour, std::string_view items) {
  while (!items.empty()) {
    const auto item = base::take_item(items, ',');
    const auto friendly = std::ranges::find(friendly_models, item, &FriendlyModel::name);
    auto wrong =
        friendly == friendly_models.end() ? apply(behaviour, item) : apply_all(behaviour, friendly->options);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace

std::optional<Fault> Behaviour::fault() const {
  std::optional<Fault> first;
  const auto consider = [&first](Fault::Kind kind, const std::optional<std::uint64_t>& after) {
    if (after && (!first || *after < first->after)) first = Fault{kind, *after};
  };
  consider(Fault::Kind::hang, hang_after);
  consider(Fault::Kind::reset, reset_after);
  consider(Fault::Kind::close, close_after);
  consider(Fault::Kind::garbage, garbage_after);
  consider(Fault::Kind::error, error_after);
  return first;
}

std::expected<Behaviour, std::string> parse_behaviour(std::string_view model) {
  if (model.starts_with("sim/")) model.remove_prefix(4);
  if (model.starts_with("sim:")) model.remove_prefix(4);
  if (model == "sim") model = {};
  Behaviour behaviour;
  auto wrong = apply_all(behaviour, model);
  if (!wrong.empty()) return std::unexpected(std::move(wrong));
  return behaviour;
}

}  // namespace punctual::sim
