// The one thread that writes: takes jobs from a bounded queue and commits several of them at once.
//
// Any thread may call `write`, `enqueue` and `state`. A job runs between two of its thread's other jobs, in a
// savepoint; see store.hpp for what callers are promised, and README.md for how a group goes.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "storage/backoff.hpp"
#include "storage/session.hpp"
#include "storage/store.hpp"
#include "storage/subscribers.hpp"

namespace punctual::storage {

class Writer {
 public:
  static constexpr std::size_t jobs_per_commit_max = 64;
  static constexpr deadline::Duration commit_limit = std::chrono::seconds(10);
  static constexpr deadline::Duration connect_limit = std::chrono::seconds(5);
  // How often an idle writer looks after the database: SQLite for the commits of other processes.
  static constexpr deadline::Duration look_every_sqlite = std::chrono::seconds(1);
  static constexpr deadline::Duration look_every_postgresql = std::chrono::seconds(5);

  Writer(std::unique_ptr<Session> session, const StoreOptions& options, Subscribers& subscribers);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Outcome write(Job job, std::optional<deadline::Instant> deadline);
  bool enqueue(Job job, Completion completion, std::optional<deadline::Instant> deadline);
  StoreState state() const;

 private:
  enum class Stage : std::uint8_t { queued, running, ran, done };

  struct Ticket {
    Job job;
    Completion completion;
    deadline::Instant deadline;
    std::condition_variable changed;
    // Under the writer's mutex:
    Stage stage = Stage::queued;
    bool abandoned = false;  // nobody waits any more, and the job must not run
    bool alone = false;      // it met a lost transaction: next time in one of its own
    Outcome outcome;
  };
  using TicketPointer = std::shared_ptr<Ticket>;
  using Group = std::vector<TicketPointer>;

  bool add(const TicketPointer& ticket);

  // On the thread:
  void work(const std::stop_token& stop);
  void wait_for_work(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
  Group take_expired();
  Group take_group();
  void run_group(const Group& group);
  bool begin_group(const Group& group);
  // False when the transaction is lost and everything has been seen to.
  bool run_one(const Group& group, std::size_t index, Group& ran);
  void commit_group(const Group& ran);
  bool start(const TicketPointer& ticket);
  Outcome run_job(Ticket& ticket);
  void put_back(const Group& group);
  void finish(const TicketPointer& ticket, Outcome outcome);
  void fail_all(const Error& error);
  void reconnect();
  void look();
  void note_lost(const Error& error);

  Error too_late() const;  // under the mutex

  Subscribers& subscribers_;
  const StoreOptions options_;
  std::unique_ptr<Session> session_;

  mutable std::mutex mutex_;
  std::condition_variable_any work_came_;
  std::deque<TicketPointer> queue_;
  StoreState state_;
  std::optional<deadline::Instant> stop_at_;

  // Of the thread only:
  Backoff backoff_;
  deadline::Instant next_attempt_{};
  deadline::Instant next_look_{};
  std::jthread thread_;
};

}  // namespace punctual::storage
