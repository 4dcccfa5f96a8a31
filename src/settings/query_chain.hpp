// The chain of the records of queries, with its key opened by the vault of the settings.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "queryaudit/chain.hpp"
#include "settings/service.hpp"

namespace punctual::settings {

// A new chain where there is none yet. The error is one sentence for people.
std::expected<std::unique_ptr<queryaudit::Chain>, std::string> open_query_chain(storage::Store& store,
                                                                                Service& service);

}  // namespace punctual::settings
