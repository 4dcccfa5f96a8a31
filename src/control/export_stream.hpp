// An export of the log as the rest of an answer: pulled piece by piece, so that a slow reader holds one
// piece.
#pragma once

#include <expected>
#include <memory>
#include <string_view>

#include "gateway/management.hpp"
#include "requestlog/exporter.hpp"
#include "storage/store.hpp"

namespace punctual::control {

class ExportStream final : public gateway::ManagementStream {
 public:
  static std::expected<std::shared_ptr<ExportStream>, storage::Error> open(storage::Store& store,
                                                                           requestlog::Filter filter,
                                                                           requestlog::ExportFormat format);

  std::string_view media_type() const { return requestlog::media_type(format_); }
  State next(std::string& out, deadline::Instant until) override;

 private:
  ExportStream(std::unique_ptr<storage::Connection> connection, requestlog::Exporter exporter,
               requestlog::ExportFormat format)
      : connection_(std::move(connection)), exporter_(std::move(exporter)), format_(format) {}

  std::unique_ptr<storage::Connection> connection_;
  requestlog::Exporter exporter_;
  requestlog::ExportFormat format_;
};

}  // namespace punctual::control
