// Rows as JSON, in pieces, within bounds. One thread, for one result.
//
// A cell that is too long is cut at a whole character and ends in "…[N bytes]"; a row that is one too many,
// or does not fit into the bytes, is left out and ends the result. Integers beyond 2^53 are texts, so that no
// reader rounds them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "datasource/execution.hpp"

namespace punctual::datasource {

class ResultWriter {
 public:
  enum class State : std::uint8_t { more, full, stopped };  // stopped: the sink wants no more

  ResultWriter(const Bounds& bounds, const Sink& sink);

  void columns(const std::vector<std::string>& names);

  void null() { cell("null"); }
  void truth(bool value) { cell(value ? "true" : "false"); }
  void integer(std::int64_t value);
  void real(double value);
  void text(std::string_view value) { text(value, value.size()); }
  // The beginning of a text that has `bytes`.
  void text(std::string_view beginning, std::size_t bytes);
  void blob(std::string_view bytes);
  // As a database has written it; a text where JSON has no such number.
  void number(std::string_view text);
  // The row is whole.
  State end_row();
  // Hands over what is left. False: the sink wants no more.
  bool finish();

  bool empty() const { return rows_taken_ == 0; }

  // Into `ended`: what was handed over.
  void count(Ended& ended) const;

 private:
  void cell(std::string_view json);
  bool hand_over();

  const Bounds& bounds_;
  const Sink& sink_;
  Piece piece_;
  std::string row_;
  std::size_t piece_bytes_ = 0;
  deadline::Instant handed_over_;
  std::uint64_t rows_ = 0;  // handed over
  std::uint64_t bytes_ = 0;
  std::uint64_t bytes_taken_ = 0;  // and those that wait
  std::uint64_t rows_taken_ = 0;
  bool truncated_ = false;
  bool stopped_ = false;
};

}  // namespace punctual::datasource
