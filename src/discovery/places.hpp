// Which ports are asked: those of the settings, and where OLLAMA_HOST says that Ollama listens on this
// machine; without those that the gateway listens on itself.
#pragma once

#include <cstdint>
#include <vector>

#include "config/configuration.hpp"
#include "config/environment.hpp"

namespace punctual::discovery {

std::vector<std::uint16_t> ports_to_ask(const config::Configuration& configuration,
                                        const config::Environment& environment);

}  // namespace punctual::discovery
