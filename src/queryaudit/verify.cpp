#include "queryaudit/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "queryaudit/rows.hpp"
#include "storage/now.hpp"

namespace punctual::queryaudit {

namespace {

using storage::Connection;
using storage::Error;

constexpr std::int64_t page_rows = 200;

// Records in the order of one of their links, a page at a time.
class Links {
 public:
  Links(Connection& connection, std::string_view place) : connection_(connection), place_(place) {}

  // The next one; nullptr: there are no more.
  std::expected<const Record*, Error> front() {
    if (page_.empty() && !ended_) {
      if (auto read = read_page(); !read) return std::unexpected(std::move(read.error()));
    }
    return page_.empty() ? nullptr : &page_.front();
  }
  void pop() { page_.pop_front(); }

 private:
  storage::Outcome read_page() {
    const auto rows =
        connection_.execute(fmt::format("SELECT {} FROM queries WHERE {} > $1 ORDER BY {} LIMIT {}",
                                        record_columns, place_, place_, page_rows),
                            {after_});
    if (!rows) return std::unexpected(rows.error());
    for (const auto row : *rows)
      page_.push_back(record_of(row));
    ended_ = static_cast<std::int64_t>(rows->size()) < page_rows;
    if (!page_.empty()) after_ = place_ == "id" ? page_.back().id : page_.back().end_link;
    return {};
  }

  Connection& connection_;
  std::string_view place_;  // "id" or "end_link"
  std::int64_t after_ = INT64_MIN;
  std::deque<Record> page_;
  bool ended_ = false;
};

class Verification {
 public:
  Verification(Connection& connection, const LinkHash& hash) : connection_(connection), hash_(hash) {}

  std::expected<Verified, Error> run(deadline::Instant until) {
    const auto head = read_head(connection_);
    if (!head) return std::unexpected(head.error());
    Links starts(connection_, "id");
    Links ends(connection_, "end_link");
    for (;;) {
      const auto start = starts.front();
      if (!start) return std::unexpected(start.error());
      const auto end = ends.front();
      if (!end) return std::unexpected(end.error());
      if (!*start && !*end) break;
      if (storage::now() >= until) {
        return std::unexpected(
            Error{storage::ErrorKind::interrupted, "there was no time to read the whole chain", {}});
      }
      // At the same place, which cannot be, both are looked at.
      if (*start && (!*end || (*start)->id <= (*end)->end_link)) {
        look_at_start(**start);
        starts.pop();
      } else {
        look_at_end(**end);
        ends.pop();
      }
    }
    compare(*head);
    return std::move(verified_);
  }

 private:
  void tell(std::int64_t id, std::string what) {
    if (verified_.problems.size() < problems_max) verified_.problems.push_back({id, std::move(what)});
  }

  // Whether the link is in its place, and what comes before it is known.
  bool takes_place(std::int64_t id, std::int64_t place) {
    if (place == places_ + 1) return true;
    if (place <= places_) {
      tell(id, "was inserted: another record has its place in the chain");
      return false;
    }
    tell(last_id_, places_ + 2 == place
                       ? "is followed by a gap: a record, or its end, was removed"
                       : fmt::format("is followed by a gap: {} entries were removed", place - places_ - 1));
    return false;
  }

  void link(std::int64_t id, std::int64_t place, const std::string& hash) {
    places_ = std::max(places_, place);
    last_id_ = id;
    before_ = hash;
  }

  void look_at_start(const Record& record) {
    ++verified_.records;
    const bool known = takes_place(record.id, record.id);
    if (known && !same_hash(record.hash, hash_.of_start(record.id, before_, record.started)))
      tell(record.id, "was changed, moved or inserted after it was written");
    const bool runs = record.outcome == Outcome::running;
    if (runs != (record.end_link == 0)) tell(record.id, "was changed: whether it has ended is contradictory");
    link(record.id, record.id, record.hash);
  }

  void look_at_end(const Record& record) {
    const bool known = takes_place(record.id, record.end_link);
    if (known && !same_hash(record.end_hash,
                            hash_.of_end(record.end_link, before_, record.id, record.hash, record.finished)))
      tell(record.id, "was changed after it was completed");
    link(record.id, record.end_link, record.end_hash);
  }

  void compare(const Head& head) {
    verified_.links = places_;
    verified_.head = before_;
    if (!same_hash(head.seal, hash_.of_head(head.links, head.hash))) {
      tell(last_id_,
           "is the last one found, but the seal of the chain's end is not genuine: the end may be missing");
    } else if (head.links > places_) {
      tell(last_id_,
           fmt::format("is the last one found: {} entries after it were removed", head.links - places_));
    } else if (head.links < places_) {
      tell(last_id_, fmt::format("was inserted, or one before it: the chain ends {} entries earlier",
                                 places_ - head.links));
    } else if (!same_hash(head.hash, before_)) {
      tell(last_id_, "was changed: the chain ends with another hash");
    }
  }

  Connection& connection_;
  const LinkHash& hash_;
  Verified verified_;
  std::int64_t places_ = 0;  // up to here
  std::int64_t last_id_ = 0;
  std::string before_ = std::string(LinkHash::origin());
};

}  // namespace

std::expected<Verified, Error> verify(Connection& connection, const LinkHash& hash, deadline::Instant until) {
  if (auto begun = connection.begin(); !begun) return std::unexpected(begun.error());
  auto verified = Verification(connection, hash).run(until);
  [[maybe_unused]] const auto ended = connection.rollback();  // nothing was changed
  return verified;
}

std::expected<std::string, Error> link_hash_at(Connection& connection, std::int64_t place) {
  if (place == 0) return std::string(LinkHash::origin());
  const auto rows = connection.execute(
      "SELECT hash FROM queries WHERE id = $1 UNION ALL SELECT end_hash FROM queries WHERE end_link = $1",
      {place});
  if (!rows) return std::unexpected(rows.error());
  return rows->size() == 1 ? rows->front().text(0) : std::string();
}

}  // namespace punctual::queryaudit
