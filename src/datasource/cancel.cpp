#include "datasource/cancel.hpp"

#include "storage/postgresql_link.hpp"

namespace punctual::datasource {

CancelToken::CancelToken() : event_(std::make_unique<storage::WakeEvent>()) {}

CancelToken::~CancelToken() = default;

void CancelToken::cancel() {
  cancelled_.store(true, std::memory_order_release);
  event_->wake();
}

}  // namespace punctual::datasource
