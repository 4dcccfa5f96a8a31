// What was found, as it could be added to these settings: under names that are free, with what it would take.
// Nothing is added here.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "config/environment.hpp"
#include "deadline/clock.hpp"
#include "discovery/found.hpp"

namespace punctual::discovery {

// To be added as a provider.
struct ServerOffer {
  FoundServer server;
  std::string name;    // of the provider
  std::string preset;  // "": there is none, it is a provider of kind openai
  bool added = false;  // a provider or a local model leads there already
};

// To be added as a local model of llama-server.
struct FileOffer {
  FoundFile file;
  std::string name;
  std::uint32_t context = 0;  // tokens
  std::uint64_t memory_bytes = 0;
  std::string memory_words;
  bool added = false;  // a local model has this file already
};

struct Offers {
  std::vector<ServerOffer> servers;
  std::vector<FileOffer> files;
  std::vector<std::uint16_t> ports;  // that were asked
  std::vector<std::string> folders;  // that were walked
  bool complete = true;              // false: the walk was cut short
};

inline constexpr deadline::Duration look_limit = std::chrono::seconds(5);

// How long somebody waits for it.
struct Patience {
  deadline::Instant until{};
  std::function<bool()> given_up = [] { return false; };  // asked often
};

// Blocks until its time is up, for `look_limit` at most, or until it is given up: then what is there.
std::expected<Offers, std::string> look(const config::Configuration& configuration,
                                        const config::Environment& environment, const deadline::Clock& clock,
                                        const Patience& patience);

}  // namespace punctual::discovery
