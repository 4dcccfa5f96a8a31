// Headers that a provider gets with every request, such as an organisation or a version.
#pragma once

#include "config/table_reader.hpp"

namespace punctual::config {

// Reads the table `headers` into `provider`, whose auth and key are already read. Refused are names and
// values that are not valid in HTTP, names that frame the message, and a second credential.
void read_static_headers(TableReader& reader, Provider& provider);

}  // namespace punctual::config
