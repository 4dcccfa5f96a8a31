// The list in an answer to GET /models: the member `data`, or, with Together, the whole document.
#pragma once

#include <simdjson.h>

#include <optional>

namespace punctual::gateway {

inline std::optional<simdjson::dom::array> model_list(simdjson::dom::element document) {
  simdjson::dom::array list;
  if (!document["data"].get(list) || !document.get(list)) return list;
  return std::nullopt;
}

}  // namespace punctual::gateway
