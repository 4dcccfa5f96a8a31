// Where a provider's key comes from: a variable, a private file, or the configuration itself.
#pragma once

#include "config/table_reader.hpp"

namespace punctual::config {

// Reads api_key, api_key_env and api_key_file, of which at most one may be given, into `provider`.
void read_api_key(TableReader& reader, Provider& provider);

}  // namespace punctual::config
