// Asks a gateway for stalls through everything that stands between, and sees how they end: the client's half
// of `punctual doctor --url`.
//
// Coroutines on the loop of whoever owns the services, which outlive them. Each stall has a connection of its
// own and ends by itself, at the latest `answer_slack` after it should, connecting included.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "backend/call.hpp"
#include "config/provider.hpp"
#include "probe/hops.hpp"
#include "probe/observation.hpp"

namespace punctual::probe {

inline constexpr std::string_view probes_path = "/probes";
inline constexpr deadline::Duration answer_slack = std::chrono::seconds(10);
inline constexpr deadline::Duration question_limit = std::chrono::seconds(15);

// Where and as whom: base_url ends with /v1, the key is the API key.
struct Gateway {
  backend::Services& services;
  const config::Provider& provider;
};

// A document of the gateway, or one sentence on why there is none.
struct Document {
  int status = 0;
  std::vector<Hop> hops;  // that the head shows
  std::string location;   // of a redirect
  std::string text;
  deadline::Duration connect{};
};

// What a problem of the gateway's own says; empty: the document is none.
std::string detail_of(std::string_view document);

// GET without a body, else POST.
base::Task<std::expected<Document, std::string>> ask(const Gateway& gateway, std::string path,
                                                     std::string body);

// Never fails: what goes wrong is what is looked for.
base::Task<Observation> observe(const Gateway& gateway, StallRequest request);

}  // namespace punctual::probe
