#include "storage/postgresql_listener.hpp"

#include <memory>
#include <utility>

#include "storage/now.hpp"

namespace punctual::storage {

PostgresqlListener::PostgresqlListener(PostgresqlTarget target, Subscribers& subscribers)
    : target_(std::move(target)),
      subscribers_(subscribers),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

PostgresqlListener::~PostgresqlListener() {
  thread_.request_stop();
  wake_.wake();
  thread_.join();
}

void PostgresqlListener::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (const auto link = connect()) {
      backoff_.reset();
      subscribers_.tell({{}, {}, true});
      listen(*link, stop);
    } else {
      wake_.wait_until(now() + backoff_.next());
    }
  }
}

std::unique_ptr<PostgresqlLink> PostgresqlListener::connect() {
  const auto limit = now() + answer_limit;
  auto link = PostgresqlLink::open(target_, limit, &wake_);
  if (!link) return nullptr;
  if (!(*link)->run("LISTEN punctual", limit, &wake_, target_)) return nullptr;
  return std::move(*link);
}

void PostgresqlListener::listen(PostgresqlLink& link, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    tell(link);
    const auto waited = link.wait_input(now() + look_every, &wake_);
    if (waited == PostgresqlLink::Waited::lost) return;
    const bool quiet = waited == PostgresqlLink::Waited::timed_out;
    if (quiet && !link.run("SELECT 1", now() + answer_limit, &wake_, target_)) return;
  }
}

void PostgresqlListener::tell(PostgresqlLink& link) {
  const auto free = [](PGnotify* notify) { PQfreemem(notify); };
  for (;;) {
    const std::unique_ptr<PGnotify, decltype(free)> heard(PQnotifies(link.handle()), free);
    if (!heard) return;
    const std::string_view payload = heard->extra;
    const auto end = payload.find('\n');
    if (end == std::string_view::npos) continue;  // somebody else's
    subscribers_.tell({std::string(payload.substr(0, end)), std::string(payload.substr(end + 1)), false});
  }
}

}  // namespace punctual::storage
