#include <array>

#include "config/seconds.hpp"
#include "config/section_reader.hpp"
#include "config/sections.hpp"

namespace punctual::config {

namespace {

struct Setting {
  std::string_view name;
  deadline::Limit Timeouts::* limit;
  Zero zero;
  std::string_view alias = {};
};

constexpr std::array<Setting, 13> settings = {{
    {"chat_seconds", &Timeouts::chat, Zero::refused, "MLX_SERVER_TIMEOUT_CHAT_SECONDS"},
    {"completions_seconds", &Timeouts::completions, Zero::refused, "MLX_SERVER_TIMEOUT_COMPLETIONS_SECONDS"},
    {"embeddings_seconds", &Timeouts::embeddings, Zero::refused, "MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS"},
    {"receive_head_seconds", &Timeouts::receive_head, Zero::refused},
    {"receive_seconds", &Timeouts::receive, Zero::refused},
    {"queue_seconds", &Timeouts::queue, Zero::is_none},
    {"load_seconds", &Timeouts::load, Zero::is_none},
    {"connect_seconds", &Timeouts::connect, Zero::refused},
    {"first_token_seconds", &Timeouts::first_token, Zero::is_none},
    {"idle_seconds", &Timeouts::idle, Zero::is_none},
    {"attempt_seconds", &Timeouts::attempt, Zero::is_none},
    {"drain_seconds", &Timeouts::drain, Zero::is_none},
    {"heartbeat_seconds", &Timeouts::heartbeat, Zero::is_none},
}};

}  // namespace

void read_timeouts(TableReader& root, const Overlay& overlay) {
  SectionReader section(root.table("timeouts"),
                        TableReader::stored(root.context(), overlay.timeouts, "timeouts"),
                        {"PUNCTUAL_TIMEOUT_", "PUNCTUAL_TIMEOUTS_"});
  for (const Setting& setting : settings) {
    const auto seconds = section.read<double>(setting.name, setting.alias);
    if (!seconds) continue;
    if (const auto limit = limit_from(root.context(), *seconds, setting.zero)) {
      root.context().configuration.timeouts.*setting.limit = *limit;
    }
  }
  section.finish();
}

}  // namespace punctual::config
