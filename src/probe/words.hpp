// What a probe saw, in sentences for people.
#pragma once

#include <string>

#include "probe/run.hpp"

namespace punctual::probe {

// "an answer that says nothing: cut after 60.0 s, with 504 of nginx/1.22.1"
std::string sentence_of(const Observation& observation);

// Whether the cut that the client saw came through to the gateway in no time.
bool was_told_at_once(const SeenStall& seen, const Observation& observation);

// What can be told of where it was cut: by what the gateway saw of it, by what the layers say, by the limits
// that layers usually have. Empty: nothing more than the sentence says.
std::string place_of(const Observation& observation, const Run& run);

// The whole, for a terminal.
std::string text_of(const Run& run);

boost::json::object document_of(const Run& run);

// A path that cuts what the gateway would have brought, or holds back streams.
bool harms(const Run& run);

}  // namespace punctual::probe
