// What has changed in the pool since it was told last, for a stream of events: looks in, what is new of them
// out.
//
//   PoolChanges changes;
//   changes.take(view.at, pool_document(services, view))  -> {"whole": true, ..., "models": [all]}   at first
//   changes.take(view.at, pool_document(services, view))  -> {"whole": false, ..., "models": [those that
//   changed]} changes.take(...)                                     -> nothing: it is as it was
//
// Whatever lay between two looks is left out: the newest counts. Times that only run on are no change, nor is
// memory that moves by less than a MiB. When models come or go all are told again. One thread at a time.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "deadline/clock.hpp"

namespace punctual::control {

class PoolChanges {
 public:
  // `document`: of GET /api/pool, as the pool was at `at`.
  std::optional<boost::json::object> take(deadline::Instant at, boost::json::object document);

 private:
  bool told_ = false;
  boost::json::object totals_;               // without the models, as they were told
  std::vector<std::string> names_;           // in their order
  std::vector<boost::json::object> models_;  // what of each makes a change
};

}  // namespace punctual::control
