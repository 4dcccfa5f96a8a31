#include "storage/writer.hpp"

#include <algorithm>
#include <utility>

#include "storage/now.hpp"

namespace punctual::storage {

namespace {

std::unexpected<Error> error(ErrorKind kind, std::string message) {
  return std::unexpected(Error{kind, std::move(message), {}});
}

// What an operator must know of, unlike a row that is wrong.
bool is_trouble(ErrorKind kind) {
  return kind == ErrorKind::unavailable || kind == ErrorKind::busy || kind == ErrorKind::full ||
         kind == ErrorKind::corrupt;
}

}  // namespace

Writer::Writer(std::unique_ptr<Session> session, const StoreOptions& options, Subscribers& subscribers)
    : subscribers_(subscribers), options_(options), session_(std::move(session)) {
  state_.connected = true;
  state_.since = wall_now();
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stop_at_ = now() + options_.stop_limit;
  }
  thread_.request_stop();
  thread_.join();
}

bool Writer::add(const TicketPointer& ticket) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= options_.jobs_queued_max) return false;
    queue_.push_back(ticket);
  }
  work_came_.notify_one();
  return true;
}

Outcome Writer::write(Job job, std::optional<deadline::Instant> deadline) {
  const auto ticket = std::make_shared<Ticket>();
  ticket->job = std::move(job);
  ticket->deadline = deadline.value_or(now() + options_.write_limit);
  if (!add(ticket)) return error(ErrorKind::busy, "too many changes are waiting for the database");
  const auto answer_limit = ticket->deadline + commit_limit;
  std::unique_lock lock(mutex_);
  while (ticket->stage != Stage::done) {
    const auto time = now();
    if (ticket->stage == Stage::queued && time >= ticket->deadline) {
      ticket->abandoned = true;
      return std::unexpected(too_late());
    }
    if (ticket->stage == Stage::ran && time >= answer_limit) {
      ticket->abandoned = true;
      return error(ErrorKind::unavailable,
                   "the database does not answer to the commit; it is not known whether the change is saved");
    }
    // A job that runs uses what belongs to the caller: it is waited for; its own deadline ends it.
    if (time < ticket->deadline) {
      ticket->changed.wait_until(lock, ticket->deadline);
    } else if (ticket->stage == Stage::ran) {
      ticket->changed.wait_until(lock, answer_limit);
    } else {
      ticket->changed.wait(lock);
    }
  }
  return ticket->outcome;
}

bool Writer::enqueue(Job job, Completion completion, std::optional<deadline::Instant> deadline) {
  const auto ticket = std::make_shared<Ticket>();
  ticket->job = std::move(job);
  ticket->completion = std::move(completion);
  ticket->deadline = deadline.value_or(now() + options_.write_limit);
  return add(ticket);
}

StoreState Writer::state() const {
  const std::lock_guard lock(mutex_);
  StoreState state = state_;
  state.jobs_queued = queue_.size();
  return state;
}

Error Writer::too_late() const {
  if (state_.connected) return {ErrorKind::interrupted, "the change waited too long for the database", {}};
  return {ErrorKind::unavailable, "there is no connection to the database: " + state_.last_error, {}};
}

void Writer::work(const std::stop_token& stop) {
  for (;;) {
    Group expired;
    Group group;
    bool connected = false;
    {
      std::unique_lock lock(mutex_);
      wait_for_work(lock, stop);
      if (stop.stop_requested() && queue_.empty()) return;
      expired = take_expired();
      connected = state_.connected;
      if (connected) group = take_group();
    }
    for (const TicketPointer& ticket : expired)
      finish(ticket, std::unexpected(Error{ticket->outcome.error()}));
    if (stop.stop_requested() && (!connected || now() >= *stop_at_)) {
      put_back(group);
      fail_all({ErrorKind::unavailable, "the program stops, and the change could not be saved before", {}});
      return;
    }
    if (!group.empty()) run_group(group);
    if (!connected && now() >= next_attempt_) reconnect();
    if (connected && now() >= next_look_) look();
  }
}

void Writer::wait_for_work(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
  if (state_.connected) {
    work_came_.wait_until(lock, stop, next_look_, [this] { return !queue_.empty(); });
    return;
  }
  auto until = next_attempt_;
  for (const TicketPointer& ticket : queue_)
    until = std::min(until, ticket->deadline);
  work_came_.wait_until(lock, stop, until, [] { return false; });
}

Writer::Group Writer::take_expired() {
  Group expired;
  const auto time = now();
  std::erase_if(queue_, [&](const TicketPointer& ticket) {
    if (ticket->abandoned) return true;
    if (time < ticket->deadline) return false;
    ticket->outcome = std::unexpected(too_late());
    expired.push_back(ticket);
    return true;
  });
  return expired;
}

Writer::Group Writer::take_group() {
  Group group;
  while (!queue_.empty() && group.size() < jobs_per_commit_max) {
    const bool alone = queue_.front()->alone;
    if (alone && !group.empty()) break;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (alone) break;
  }
  return group;
}

void Writer::run_group(const Group& group) {
  if (!begin_group(group)) return;
  Group ran;
  for (std::size_t index = 0; index < group.size(); ++index) {
    if (!run_one(group, index, ran)) return;
  }
  commit_group(ran);
}

bool Writer::begin_group(const Group& group) {
  const auto earliest =
      std::ranges::min(group, {}, [](const TicketPointer& ticket) { return ticket->deadline; });
  session_->set_deadline(earliest->deadline);
  auto begun = session_->begin();
  if (begun) return true;
  if (!session_->connected()) {
    put_back(group);
    note_lost(begun.error());
  } else if (begun.error().kind == ErrorKind::interrupted) {
    put_back(group);  // it was too late for one of them; the others try again
  } else {
    for (const TicketPointer& ticket : group)
      finish(ticket, begun);
  }
  return false;
}

bool Writer::start(const TicketPointer& ticket) {
  std::optional<Error> late;
  {
    const std::lock_guard lock(mutex_);
    if (!ticket->abandoned && now() < ticket->deadline) {
      ticket->stage = Stage::running;
      return true;
    }
    if (!ticket->abandoned) late = too_late();
  }
  if (late) finish(ticket, std::unexpected(std::move(*late)));
  return false;
}

Outcome Writer::run_job(Ticket& ticket) {
  auto outcome = ticket.job(*session_);
  if (outcome && (session_->transaction_failed() || !session_->transaction_open())) {
    return error(ErrorKind::internal, "a job went on after an error of the database");
  }
  return outcome;
}

bool Writer::run_one(const Group& group, std::size_t index, Group& ran) {
  const TicketPointer& ticket = group[index];
  if (!start(ticket)) return true;
  const bool savepoints = group.size() > 1;
  Outcome outcome;
  session_->set_deadline(ticket->deadline);
  if (savepoints) outcome = session_->savepoint(ran.empty());
  if (outcome) outcome = run_job(*ticket);
  if (outcome) {
    const std::lock_guard lock(mutex_);
    ticket->stage = Stage::ran;
    ticket->changed.notify_all();
    ran.push_back(ticket);
    return true;
  }
  const bool connected = session_->connected();
  if (connected && savepoints && session_->transaction_open() && session_->rollback_to_savepoint()) {
    finish(ticket, std::move(outcome));
    return true;
  }
  // The transaction is gone, with what the others did in it; nothing of it was committed.
  [[maybe_unused]] const auto undone = session_->rollback();
  Group again = std::move(ran);
  const bool own_fault = connected || outcome.error().kind == ErrorKind::interrupted;
  if (!own_fault) again.push_back(ticket);
  again.insert(again.end(), group.begin() + static_cast<std::ptrdiff_t>(index) + 1, group.end());
  {
    const std::lock_guard lock(mutex_);
    for (const TicketPointer& other : again)
      other->alone = true;
  }
  put_back(again);
  if (!session_->connected()) note_lost(outcome.error());
  if (own_fault) finish(ticket, std::move(outcome));
  return false;
}

void Writer::commit_group(const Group& ran) {
  if (ran.empty()) {
    [[maybe_unused]] const auto undone = session_->rollback();
    return;
  }
  session_->set_deadline(now() + commit_limit);
  const auto committed = session_->commit();
  if (committed) {
    {
      const std::lock_guard lock(mutex_);
      ++state_.commits;
    }
    for (const Notification& notification : session_->take_notifications())
      subscribers_.tell(notification);
  } else {
    [[maybe_unused]] const auto undone = session_->rollback();
    if (!session_->connected()) note_lost(committed.error());
  }
  for (const TicketPointer& ticket : ran)
    finish(ticket, committed);
}

void Writer::put_back(const Group& group) {
  const std::lock_guard lock(mutex_);
  for (const TicketPointer& ticket : group) {
    ticket->stage = Stage::queued;
    ticket->changed.notify_all();
  }
  queue_.insert(queue_.begin(), group.begin(), group.end());
}

void Writer::finish(const TicketPointer& ticket, Outcome outcome) {
  const Completion completion = std::exchange(ticket->completion, nullptr);
  if (completion) completion(outcome);
  const std::lock_guard lock(mutex_);
  ++(outcome ? state_.jobs_done : state_.jobs_failed);
  if (!outcome && is_trouble(outcome.error().kind)) state_.last_error = outcome.error().message;
  ticket->outcome = std::move(outcome);
  ticket->stage = Stage::done;
  ticket->changed.notify_all();
}

void Writer::fail_all(const Error& why) {
  std::deque<TicketPointer> all;
  {
    const std::lock_guard lock(mutex_);
    all.swap(queue_);
  }
  for (const TicketPointer& ticket : all)
    finish(ticket, std::unexpected(why));
}

void Writer::note_lost(const Error& why) {
  const auto pause = backoff_.next();
  next_attempt_ = now() + pause;
  const std::lock_guard lock(mutex_);
  if (std::exchange(state_.connected, false)) state_.since = wall_now();
  state_.last_error = why.message;
  state_.backoff = pause;
}

void Writer::reconnect() {
  if (auto connected = session_->reconnect(now() + connect_limit); !connected) {
    note_lost(connected.error());
    return;
  }
  backoff_.reset();
  const std::lock_guard lock(mutex_);
  state_.connected = true;
  state_.since = wall_now();
  state_.backoff = {};
}

void Writer::look() {
  const bool sqlite = session_->dialect() == Dialect::sqlite;
  next_look_ = now() + (sqlite ? look_every_sqlite : look_every_postgresql);
  session_->set_deadline(now() + connect_limit);
  const auto changed = session_->look();
  if (!changed && !session_->connected()) note_lost(changed.error());
  if (changed && *changed) subscribers_.tell({{}, {}, true});
}

}  // namespace punctual::storage
