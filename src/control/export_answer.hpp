// The answer to an export of a log: what is wrong with the asked format, or a file that is pulled piece by
// piece.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "control/answers.hpp"
#include "control/context.hpp"
#include "control/piece_stream.hpp"
#include "requestlog/filter.hpp"

namespace punctual::control {

// "csv" or "jsonl".
std::expected<requestlog::ExportFormat, requestlog::ParameterError> export_format(const std::string& asked);

// The head of the answer: a file "<log>.<format>".
Answer export_head(std::string_view log, requestlog::ExportFormat format);

// What `filter` leaves of the log, in the format that was asked for.
template <class Exporter, class Filter>
Answer export_answer(Context& context, std::string_view log, const Filter& filter, const std::string& asked) {
  const auto format = export_format(asked);
  if (!format) return problem_of(context, format.error());
  auto connection = context.services.store.reader();
  if (!connection) return problem_of(context, connection.error());
  auto exporter = Exporter::open(**connection, filter, *format);
  if (!exporter) return problem_of(context, exporter.error());
  Answer answer = export_head(log, *format);
  answer.stream = std::make_shared<PieceStream<Exporter>>(std::move(*connection), std::move(*exporter));
  return answer;
}

}  // namespace punctual::control
