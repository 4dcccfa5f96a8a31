// How long each phase may take, and who said so.
//
// A limit without a duration ("none") leaves its phase bounded by the others. Sources name the setting that a
// person would change: a variable, a key of the configuration file, a header. Their text is owned by the
// settings snapshot or is static; a Limits value must not outlive the snapshot that it was made from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "deadline/clock.hpp"
#include "deadline/phase.hpp"

namespace punctual::deadline {

enum class SourceKind : std::uint8_t {
  built_in,     // the default
  file,         // the configuration file
  stored,       // set in the web UI or through the API
  environment,  // an environment variable
  rule,         // a routing rule
  provider,     // a provider or a local model
  request,      // a limit that the request itself set
  patience,     // how long the client said that it waits
  api_key,      // the longest that the client's API key may take
};

std::string_view name_of(SourceKind kind);

struct Source {
  SourceKind kind = SourceKind::built_in;
  std::string_view name = {};  // such as "PUNCTUAL_TIMEOUT_CHAT_SECONDS"; empty for the default

  // "environment PUNCTUAL_TIMEOUT_CHAT_SECONDS", "default".
  std::string text() const;
  void append_to(std::string& out) const;
};

struct Limit {
  std::optional<Duration> duration = {};  // none: the phase has no limit of its own
  Source source = {};
};

class Limits {
 public:
  const Limit& operator[](Phase phase) const { return limits_[index_of(phase)]; }
  Limit& operator[](Phase phase) { return limits_[index_of(phase)]; }

  // Makes the limit of `phase` `duration` if that is shorter than what is there.
  void shorten(Phase phase, Duration duration, Source source);

 private:
  std::array<Limit, phase_count> limits_;
};

// What a narrower scope (a rule, a provider) says; phases that it does not name keep the wider scope's limit.
class LimitOverrides {
 public:
  void set(Phase phase, Limit limit) { limits_[index_of(phase)] = limit; }
  const std::optional<Limit>& operator[](Phase phase) const { return limits_[index_of(phase)]; }
  void apply_to(Limits& limits) const;

 private:
  std::array<std::optional<Limit>, phase_count> limits_;
};

}  // namespace punctual::deadline
