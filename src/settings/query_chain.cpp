#include "settings/query_chain.hpp"

namespace punctual::settings {

std::expected<std::unique_ptr<queryaudit::Chain>, std::string> open_query_chain(storage::Store& store,
                                                                                Service& service) {
  return queryaudit::Chain::open(
      store, {[&service](std::string_view text) { return service.seal_query_key(text); },
              [&service](std::string_view blob) { return service.open_query_key(blob); }});
}

}  // namespace punctual::settings
