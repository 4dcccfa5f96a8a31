// One reader for each section of the file. Each fills its part of context.configuration and reports what is
// wrong; none stops at the first error.
//
// The order matters: the server's section needs the timeouts, the rules need the providers.
#pragma once

#include "config/overlay.hpp"
#include "config/table_reader.hpp"

namespace punctual::config {

void read_timeouts(TableReader& root, const Overlay& overlay);
void read_server(TableReader& root);
void read_providers(TableReader& root, const Overlay& overlay);
void read_rules(TableReader& root, const Overlay& overlay);
void read_pool(TableReader& root, const Overlay& overlay);
void read_chat(TableReader& root, const Overlay& overlay);
void read_models(TableReader& root, const Overlay& overlay);
void read_discovery(TableReader& root);
void read_front(TableReader& root, const Overlay& overlay);
void read_breaker(TableReader& root);
void read_retries(TableReader& root);

}  // namespace punctual::config
