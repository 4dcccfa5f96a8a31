// An export as the rest of an answer: pulled piece by piece, so that a slow reader holds one piece.
//
// Exporter has `ExportState next(std::string& out)` and works on the connection, which is its alone.
#pragma once

#include <memory>
#include <string>

#include "gateway/management.hpp"
#include "requestlog/exporter.hpp"
#include "storage/connection.hpp"

namespace punctual::control {

template <class Exporter>
class PieceStream final : public gateway::ManagementStream {
 public:
  PieceStream(std::unique_ptr<storage::Connection> connection, Exporter exporter)
      : connection_(std::move(connection)), exporter_(std::move(exporter)) {}

  State next(std::string& out, deadline::Instant until) override {
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

 private:
  std::unique_ptr<storage::Connection> connection_;
  Exporter exporter_;
};

}  // namespace punctual::control
