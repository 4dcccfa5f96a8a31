#include "control/running.hpp"

#include "control/answers.hpp"
#include "storage/store.hpp"

namespace punctual::control {

namespace bj = boost::json;

bj::object running_document(const gateway::RunningRequest& request) {
  const auto milliseconds = [](const std::optional<deadline::Duration>& duration) {
    return duration ? bj::value(std::chrono::duration<double, std::milli>(*duration).count())
                    : bj::value(nullptr);
  };
  return {{"state", "running"},
          {"request_id", request.request_id},
          {"endpoint", request.endpoint},
          {"model", request.model},
          {"provider", request.provider},
          {"local_model", request.local_model},
          {"client", request.client},
          {"api_key", request.api_key},
          {"phase", request.phase},
          {"stream", request.stream},
          {"started", time_text(storage::to_microseconds(request.started))},
          {"elapsed_ms", milliseconds(request.elapsed)},
          {"next_limit", request.next_limit},
          {"queue_place", request.queue_place ? bj::value(*request.queue_place) : bj::value(nullptr)},
          {"queue_forecast_ms", milliseconds(request.queue_forecast)},
          {"remaining_ms", milliseconds(request.remaining)},
          {"total_remaining_ms", milliseconds(request.total_remaining)},
          {"attempts", request.attempts},
          {"content_events", request.content_events},
          {"bytes_out", request.bytes_out}};
}

}  // namespace punctual::control
