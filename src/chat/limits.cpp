#include "chat/limits.hpp"

namespace punctual::chat {

namespace {

using deadline::Source;
using deadline::SourceKind;

void shorten(deadline::Duration& limit, Source& source, const std::optional<double>& seconds,
             std::string_view name) {
  if (!seconds) return;
  const auto wished = deadline::from_seconds(*seconds);
  if (wished >= limit) return;
  limit = wished;
  source = {SourceKind::request, name};
}

}  // namespace

Limits limits_of(const config::Chat& chat, const Wishes& wishes) {
  Limits limits;
  limits.model_call = *chat.model_call.duration;
  limits.model_call_source = chat.model_call.source;
  limits.browser = *chat.browser.duration;
  limits.request = *chat.request.duration;
  limits.request_source = chat.request.source;
  limits.rounds_max = chat.rounds_max;
  limits.rounds_source = chat.rounds_source;
  shorten(limits.model_call, limits.model_call_source, wishes.model_call_seconds,
          "limits.model_call_seconds");
  shorten(limits.request, limits.request_source, wishes.request_seconds, "limits.request_seconds");
  if (wishes.rounds_max && *wishes.rounds_max < limits.rounds_max) {
    limits.rounds_max = *wishes.rounds_max;
    limits.rounds_source = {SourceKind::request, "limits.rounds_max"};
  }
  return limits;
}

}  // namespace punctual::chat
