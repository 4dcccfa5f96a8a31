#include "control/export_stream.hpp"

namespace punctual::control {

std::expected<std::shared_ptr<ExportStream>, storage::Error> ExportStream::open(
    storage::Store& store, requestlog::Filter filter, requestlog::ExportFormat format) {
  auto connection = store.reader();
  if (!connection) return std::unexpected(connection.error());
  auto exporter = requestlog::Exporter::open(**connection, std::move(filter), format);
  if (!exporter) return std::unexpected(exporter.error());
  return std::shared_ptr<ExportStream>(
      new ExportStream(std::move(*connection), std::move(*exporter), format));
}

gateway::ManagementStream::State ExportStream::next(std::string& out, deadline::Instant until) {
  connection_->set_deadline(until);
  switch (exporter_.next(out)) {
    case requestlog::ExportState::more:
      return State::more;
    case requestlog::ExportState::ended:
      return State::ended;
    case requestlog::ExportState::failed:
      break;
  }
  return State::failed;
}

}  // namespace punctual::control
