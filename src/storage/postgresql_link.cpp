#include "storage/postgresql_link.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "storage/now.hpp"

namespace punctual::storage {

namespace {

void ignore_notice(void*, const PGresult*) {}

int milliseconds_until(deadline::Instant deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

}  // namespace

WakeEvent::WakeEvent() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

WakeEvent::~WakeEvent() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void WakeEvent::wake() {
  ::eventfd_write(descriptor_, 1);
}

void WakeEvent::clear() {
  eventfd_t count = 0;
  ::eventfd_read(descriptor_, &count);
}

void WakeEvent::wait_until(deadline::Instant time) const {
  pollfd watched{descriptor_, POLLIN, 0};
  while (now() < time && ::poll(&watched, 1, milliseconds_until(time)) <= 0) {
  }
}

PostgresqlLink::Waited PostgresqlLink::wait_socket(short events, deadline::Instant deadline,
                                                   WakeEvent* wake) const {
  std::array<pollfd, 2> watched{
      {{PQsocket(handle_.get()), events, 0}, {wake ? wake->descriptor() : -1, POLLIN, 0}}};
  for (;;) {
    const int count = ::poll(watched.data(), watched.size(), milliseconds_until(deadline));
    if (count < 0) continue;  // a signal
    if (watched[0].revents != 0) return Waited::ready;
    if (watched[1].revents != 0) return Waited::woken;
    if (now() >= deadline) return Waited::timed_out;
  }
}

Outcome PostgresqlLink::connect(const PostgresqlTarget& target, deadline::Instant deadline, WakeEvent* wake) {
  const auto failed = [&](std::string_view why) {
    return std::unexpected(
        Error{ErrorKind::unavailable,
              fmt::format("cannot connect to {}: {}", target.description(), target.masked(why)),
              {}});
  };
  if (!handle_ || PQstatus(handle_.get()) == CONNECTION_BAD) return failed(message());
  PQsetNoticeReceiver(handle_.get(), ignore_notice, nullptr);
  for (auto wanted = PGRES_POLLING_WRITING; wanted != PGRES_POLLING_OK;
       wanted = PQconnectPoll(handle_.get())) {
    if (wanted == PGRES_POLLING_FAILED) return failed(message());
    const auto waited = wait_socket(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline, wake);
    if (waited != Waited::ready) return failed(waited == Waited::woken ? "cancelled" : "no answer in time");
  }
  PQsetnonblocking(handle_.get(), 1);
  return {};
}

std::expected<std::unique_ptr<PostgresqlLink>, Error> PostgresqlLink::open(const PostgresqlTarget& target,
                                                                           deadline::Instant deadline,
                                                                           WakeEvent* wake) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : target.parameters()) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  std::unique_ptr<PostgresqlLink> link(
      new PostgresqlLink(PQconnectStartParams(names.data(), values.data(), 0)));
  if (auto connected = link->connect(target, deadline, wake); !connected) {
    return std::unexpected(std::move(connected.error()));
  }
  return link;
}

PostgresqlLink::Waited PostgresqlLink::wait_result(deadline::Instant deadline, WakeEvent* wake) {
  for (;;) {
    const int unsent = PQflush(handle_.get());
    if (unsent < 0 || PQstatus(handle_.get()) == CONNECTION_BAD) return Waited::lost;
    if (unsent == 0 && PQisBusy(handle_.get()) == 0) return Waited::ready;
    const auto waited = wait_socket(unsent > 0 ? POLLIN | POLLOUT : POLLIN, deadline, wake);
    if (waited != Waited::ready) return waited;
    if (PQconsumeInput(handle_.get()) == 0) {
      // What came before the end may be an error that says why; the next call finds the connection bad.
      return PQisBusy(handle_.get()) == 0 ? Waited::ready : Waited::lost;
    }
  }
}

PostgresqlLink::Waited PostgresqlLink::wait_input(deadline::Instant deadline, WakeEvent* wake) {
  const auto waited = wait_socket(POLLIN, deadline, wake);
  if (waited == Waited::ready && PQconsumeInput(handle_.get()) == 0) return Waited::lost;
  return waited;
}

Outcome PostgresqlLink::run(const char* sql, deadline::Instant deadline, WakeEvent* wake,
                            const PostgresqlTarget& target) {
  const auto lost = [&](std::string_view why) {
    return std::unexpected(Error{ErrorKind::unavailable, target.masked(why), {}});
  };
  if (PQsendQuery(handle_.get(), sql) == 0) return lost(message());
  Outcome outcome;
  for (;;) {
    const auto waited = wait_result(deadline, wake);
    if (waited != Waited::ready) return lost(waited == Waited::lost ? message() : "no answer in time");
    const PostgresqlResult result(PQgetResult(handle_.get()));
    if (!result) return outcome;
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_FATAL_ERROR) outcome = std::unexpected(postgresql_error(result.get(), target));
  }
}

}  // namespace punctual::storage
