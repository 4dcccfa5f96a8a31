#include "control/by_hand.hpp"

#include "changes/changes.hpp"
#include "storage/store.hpp"
#include "telemetry/log.hpp"

namespace punctual::control {

namespace {

std::optional<std::string> text_of(const std::optional<boost::json::object>& value) {
  if (!value) return std::nullopt;
  return boost::json::serialize(*value);
}

}  // namespace

void note_by_hand(const Context& context, const ByHand& done) {
  const changes::Change change{context.identity.actor(), done.action,         done.subject,
                               text_of(done.before),     text_of(done.after), context.request.request_id};
  const auto now = storage::to_microseconds(context.services.clock.wall_now());
  const auto written = context.services.store.write(
      [&](storage::Connection& connection) -> storage::Outcome {
        if (auto ordered = storage::order_appends(connection); !ordered) return ordered;
        return changes::record(connection, now, change);
      },
      context.call().deadline);
  if (!written) {
    telemetry::log_warning("what was done by hand (" + done.action + " " + done.subject +
                           ") could not be noted: " + written.error().message);
  }
}

}  // namespace punctual::control
