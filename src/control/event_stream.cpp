#include "control/event_stream.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "control/answers.hpp"
#include "control/pool_documents.hpp"
#include "control/running.hpp"
#include "requestlog/tail.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;

constexpr std::size_t entries_per_look = 200;
constexpr auto running_interval = std::chrono::seconds(1);
constexpr auto read_interval = std::chrono::seconds(1);
// What moves while somebody looks on: places in a queue, a load.
constexpr auto lively_interval = std::chrono::milliseconds(250);
constexpr auto checked_interval = std::chrono::seconds(5);
constexpr auto heartbeat_interval = std::chrono::seconds(15);

void append_event(std::string& out, std::string_view event, std::string_view id, const bj::object& data) {
  if (!id.empty()) out.append("id: ").append(id).append("\n");
  out.append("event: ").append(event).append("\ndata: ").append(bj::serialize(data)).append("\n\n");
}

// "r120.c8"
bool read_id(std::string_view text, std::int64_t& request, std::int64_t& change) {
  const auto dot = text.find(".c");
  if (!text.starts_with('r') || dot == std::string_view::npos) return false;
  const auto first = base::parse_unsigned(text.substr(1, dot - 1));
  const auto second = base::parse_unsigned(text.substr(dot + 2));
  if (!first || !second) return false;
  request = static_cast<std::int64_t>(*first);
  change = static_cast<std::int64_t>(*second);
  return true;
}

std::expected<std::int64_t, storage::Error> latest_change(storage::Connection& connection) {
  const auto rows = connection.execute("SELECT COALESCE(MAX(id), 0) FROM changes");
  if (!rows) return std::unexpected(rows.error());
  return rows->front().integer(0);
}

}  // namespace

EventStream::EventStream(Services& services, std::unique_ptr<storage::Connection> connection,
                         requestlog::Filter filter, Allowed allowed)
    : services_(services),
      connection_(std::move(connection)),
      filter_(std::move(filter)),
      allowed_(std::move(allowed)) {
  read_at_ = written_at_ = checked_at_ = services_.clock.now();
}

std::expected<std::shared_ptr<EventStream>, storage::Error> EventStream::open(Services& services,
                                                                              requestlog::Filter filter,
                                                                              std::string_view last_event_id,
                                                                              Allowed allowed) {
  auto connection = services.store.reader();
  if (!connection) return std::unexpected(connection.error());
  const auto latest = requestlog::latest_id(**connection);
  if (!latest) return std::unexpected(latest.error());
  const auto change = latest_change(**connection);
  if (!change) return std::unexpected(change.error());
  std::shared_ptr<EventStream> stream(
      new EventStream(services, std::move(*connection), std::move(filter), std::move(allowed)));
  std::int64_t after_request = 0;
  std::int64_t after_change = 0;
  const bool resumes = read_id(last_event_id, after_request, after_change);
  stream->request_ = resumes ? std::min(after_request, *latest) : *latest;
  stream->change_ = resumes ? std::min(after_change, *change) : *change;
  return stream;
}

std::string EventStream::id() const {
  return fmt::format("r{}.c{}", request_, change_);
}

bool EventStream::ready() const {
  return more_ || services_.recorder.sequence() != requests_seen_ ||
         services_.changes_sequence() != changes_seen_ || services_.clock.now() - pool_at_ >= lively_interval;
}

bool EventStream::append_requests(std::string& out) {
  const auto tail = requestlog::read_tail(*connection_, filter_, request_, entries_per_look);
  if (!tail) return false;
  for (const auto& entry : tail->entries) {
    request_ = entry.id;
    append_event(out, "request", id(), requestlog::to_json(entry));
  }
  request_ = tail->seen;
  more_ = tail->more;
  return true;
}

bool EventStream::append_changes(std::string& out) {
  const auto rows = connection_->execute(
      "SELECT id, at, actor, action, subject FROM changes WHERE id > $1 ORDER BY id LIMIT 100", {change_});
  if (!rows) return false;
  for (const auto row : *rows) {
    change_ = row.integer(0);
    append_event(out, "change", id(),
                 {{"id", row.integer(0)},
                  {"at", time_text(row.integer(1))},
                  {"actor", row.text(2)},
                  {"action", row.text(3)},
                  {"subject", row.text(4)}});
  }
  return true;
}

// An empty list is told once, so that a reader sees the last one go.
void EventStream::append_running(std::string& out, deadline::Instant until) {
  running_at_ = services_.clock.now();
  bj::array list;
  for (const auto& running : services_.cores.running(until))
    list.push_back(running_document(running));
  const bool any = !list.empty();
  if (any || told_running_) append_event(out, "running", {}, {{"requests", std::move(list)}});
  told_running_ = any;
}

// A pool that is too busy to answer at once is asked again at the next look.
void EventStream::append_pool(std::string& out, deadline::Instant until) {
  pool_at_ = services_.clock.now();
  const auto view =
      services_.local_models.view(std::min<deadline::Instant>(until, pool_at_ + lively_interval));
  if (!view) return;
  if (const auto changed = pool_changes_.take(view->at, pool_document(services_, *view)))
    append_event(out, "pool", {}, *changed);
}

gateway::ManagementStream::State EventStream::next(std::string& out, deadline::Instant until) {
  connection_->set_deadline(until);
  const auto now = services_.clock.now();
  if (now - checked_at_ >= checked_interval) {
    checked_at_ = now;
    if (!allowed_(*connection_)) return State::ended;
  }
  const auto requests = services_.recorder.sequence();
  const auto changes = services_.changes_sequence();
  if (more_ || requests != requests_seen_ || changes != changes_seen_ || now - read_at_ >= read_interval) {
    requests_seen_ = requests;
    changes_seen_ = changes;
    read_at_ = now;
    if (!append_requests(out) || !append_changes(out)) return State::failed;
  }
  const auto moves = services_.targets.queue_moves();
  const auto since = now - running_at_;
  if (since >= running_interval || (moves != queue_moves_seen_ && since >= lively_interval)) {
    queue_moves_seen_ = moves;
    append_running(out, until);
  }
  if (now - pool_at_ >= lively_interval) append_pool(out, until);
  if (out.empty() && now - written_at_ >= heartbeat_interval) out.append(": keep-alive\n\n");
  if (!out.empty()) written_at_ = now;
  return more_ ? State::more : State::waiting;
}

}  // namespace punctual::control
