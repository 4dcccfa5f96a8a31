// Watches the targets of a run at every instant: their slots, their queues, their breakers; and whether who
// was refused was refused for a reason that was true.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/judge.hpp"
#include "targets/target.hpp"

namespace punctual::simulation {

class TargetOverseer final : public Actor {
 public:
  TargetOverseer(World& world, const Scenario& scenario, Violations& violations);
  ~TargetOverseer();

  // All that could happen at this instant has happened.
  bool act() override;

  // The run is over.
  void judge();

 private:
  struct Seen {
    deadline::Instant at{};
    targets::BreakerView breaker;
    std::uint32_t taken = 0;
    std::uint32_t waiting = 0;
    std::uint64_t calls = 0;
    bool held_known = false;  // how long a slot is usually held

    bool same_as(const Seen& other) const;
  };

  void note_sent(const UpstreamCall& call);
  void look_at(const targets::Target& target);
  void look_at_new_records();
  void judge_refusal(const RecordLine& record, const RecordLine& attempt, deadline::Instant from);
  House::Slots slots_of(const std::string& provider) const;
  void complain(std::string what) { violations_.push_back(std::move(what)); }

  World& world_;
  const Scenario& scenario_;
  Violations& violations_;
  std::map<std::string, std::vector<Seen>> seen_;  // by the target's name; each change
  std::set<std::string> ended_;                    // ids of requests that have a record
  std::size_t records_ = 0;
};

}  // namespace punctual::simulation
