// The chain of timeouts: every layer that may give up on a request, from the outside in, and which of them
// does so first when the model is silent.
//
// A limit that counts once and one that restarts at every byte obey different rules: heartbeats feed the
// latter and not the former; a request that is not streamed gets no byte before its answer, so that for it a
// restarting limit counts like one that does not. An inner layer must be able to fail, and say so, before the
// one around it gives up.
//
// What clients announce or are seen to do is a layer too, but never the first to give up: what they announce
// is kept, and what is learnt is no fact.
//
// Pure: a configuration and what was observed in, values out. What they say of limits comes from
// `admission/`, which a request asks too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chain/observed.hpp"
#include "config/configuration.hpp"
#include "config/endpoint.hpp"

namespace punctual::chain {

enum class Counts : std::uint8_t { once, restarts };
enum class Known : std::uint8_t {
  set,       // here: default, file, stored, environment, rule, provider
  declared,  // by the operator, of what stands in front, or of the upstream
  assumed,   // what such a layer usually has
  sent,      // by clients, in their headers
  learnt,    // where many clients hung up: likely, and no more
  probed,    // a probe of the real path was cut off there
};

// Observations older than this are not asked for.
inline constexpr int learnt_days = 7;

std::string_view name_of(Counts counts);
std::string_view name_of(Known known);

struct Layer {
  std::string id;                 // "sent:wait", "front:0:idle", "total", "first_token", "upstream"
  std::string name;               // for people
  std::optional<double> seconds;  // nothing: it has no limit
  Counts counts = Counts::once;
  Known known = Known::set;
  std::string source;         // where to change it; empty: it is fixed
  bool ours = true;           // it says why in a way that the client's SDK reads
  std::string evidence = {};  // how it is known, where it was observed
  std::string requests = {};  // those behind that: a query of the request log; empty: none
};

enum class Severity : std::uint8_t {
  note,     // of no harm
  warning,  // harms some requests
  broken,   // a layer that cannot say why gives up first
};
std::string_view name_of(Severity severity);

struct Finding {
  Severity severity = Severity::note;
  std::string layer;       // its id
  std::string text;        // what happens, in one or two sentences
  std::string suggestion;  // what to change; empty: nothing
  std::string requests;    // those that it concerns, as a query of the request log; empty: none
};

// When nothing comes: which layer gives up, and after how many seconds.
struct FirstToGiveUp {
  std::string layer;  // empty: none ever does
  double seconds = 0;
};

struct Chain {
  config::Endpoint endpoint = config::Endpoint::chat;
  bool stream = false;
  std::vector<Layer> layers;                // from the outside in
  std::optional<double> heartbeat_seconds;  // of a silent stream; nothing: none are sent
  FirstToGiveUp silent;                     // the upstream takes the request and never answers
  FirstToGiveUp silent_midway;              // a stream that has begun falls silent; not for whole answers
  std::vector<Finding> findings;            // the worst first
};

struct Subject {
  config::Endpoint endpoint = config::Endpoint::chat;
  bool stream = false;
  const config::Rule* rule = nullptr;          // nullptr: none
  const config::Provider* provider = nullptr;  // nullptr: any
};

Chain chain_of(const config::Configuration& configuration, const Subject& subject,
               const Observed& observed = {});

}  // namespace punctual::chain
