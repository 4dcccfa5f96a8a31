#include <fmt/format.h>

#include <array>

#include "config/chat.hpp"
#include "config/seconds.hpp"
#include "config/section_reader.hpp"
#include "config/sections.hpp"

namespace punctual::config {

namespace {

struct Setting {
  std::string_view name;
  deadline::Limit Chat::* limit;
};

constexpr std::array<Setting, 3> settings = {{
    {"model_call_seconds", &Chat::model_call},
    {"browser_seconds", &Chat::browser},
    {"request_seconds", &Chat::request},
}};

}  // namespace

void read_chat(TableReader& root, const Overlay& overlay) {
  LoadContext& context = root.context();
  Chat& chat = context.configuration.chat;
  SectionReader section(root.table("chat"), TableReader::stored(context, overlay.chat, "chat"),
                        {"PUNCTUAL_CHAT_"});
  for (const Setting& setting : settings) {
    const auto seconds = section.read<double>(setting.name);
    if (!seconds) continue;
    if (const auto limit = limit_from(context, *seconds, Zero::refused)) chat.*setting.limit = *limit;
  }
  if (const auto rounds = section.read<std::int64_t>("rounds_max")) {
    if (rounds->value >= 1 && rounds->value <= chat_rounds_most) {
      chat.rounds_max = static_cast<std::uint32_t>(rounds->value);
      chat.rounds_source = {rounds->place.kind, context.keep(rounds->place.key)};
    } else {
      context.report(rounds->place,
                     fmt::format("is {}: give a whole number from 1 to {}", rounds->value, chat_rounds_most));
    }
  }
  section.finish();
}

}  // namespace punctual::config
