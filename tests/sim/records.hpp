// The records of the gateway under test, as they are written, for tests to read.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "audit/journal.hpp"

namespace punctual::simulation {

// One line of the request log.
struct RecordLine {
  boost::json::object members;

  // Empty, zero or nothing where the member is missing.
  std::string text(std::string_view name) const;
  double number(std::string_view name) const;
  bool has(std::string_view name) const { return members.contains(name); }
  std::vector<RecordLine> attempts() const;
};

class MemoryJournal final : public audit::Journal {
 public:
  MemoryJournal() : Journal(-1) {}
  bool write(std::string lines) override;
  bool enabled() const override { return true; }

  const std::vector<RecordLine>& lines() const { return lines_; }
  // What is no JSON object on a line of its own.
  const std::vector<std::string>& malformed() const { return malformed_; }

 private:
  std::vector<RecordLine> lines_;
  std::vector<std::string> malformed_;
};

}  // namespace punctual::simulation
