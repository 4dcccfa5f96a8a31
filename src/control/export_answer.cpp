#include "control/export_answer.hpp"

namespace punctual::control {

using requestlog::ExportFormat;

std::expected<ExportFormat, requestlog::ParameterError> export_format(const std::string& asked) {
  if (asked == "csv") return ExportFormat::csv;
  if (asked == "jsonl") return ExportFormat::json_lines;
  return std::unexpected(
      requestlog::ParameterError{"format", asked, "format is \"" + asked + "\": write csv or jsonl."});
}

Answer export_head(std::string_view log, ExportFormat format) {
  const std::string_view ending = format == ExportFormat::csv ? "csv" : "jsonl";
  Answer answer;
  answer.headers = {
      {"Content-Type", std::string(requestlog::media_type(format))},
      {"Content-Disposition",
       std::string("attachment; filename=\"").append(log).append(".").append(ending).append("\"")},
      {"Cache-Control", "no-store"},
      {"X-Content-Type-Options", "nosniff"}};
  return answer;
}

}  // namespace punctual::control
