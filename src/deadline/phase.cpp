#include "deadline/phase.hpp"

namespace punctual::deadline {

namespace {

struct PhaseText {
  std::string_view name;
  std::string_view missing;
};

constexpr std::array<PhaseText, phase_count> texts = {{
    {"total", ""},
    {"receive", "request not received"},
    {"queue", "no slot became free"},
    {"load", "model load made no progress"},
    {"connect", "no connection to the upstream"},
    {"first_token", "no first token"},
    {"idle", "no further token"},
    {"attempt", "upstream call not finished"},
    {"drain", "client did not read"},
}};

}  // namespace

std::string_view name_of(Phase phase) {
  return texts[index_of(phase)].name;
}

std::string_view missing_event(Phase phase) {
  return texts[index_of(phase)].missing;
}

std::optional<Phase> phase_named(std::string_view name) {
  for (Phase phase : all_phases) {
    if (name_of(phase) == name) return phase;
  }
  return std::nullopt;
}

}  // namespace punctual::deadline
