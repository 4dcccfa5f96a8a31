// Who an answer came from, or came through, by what layers say of themselves and by the limits that they
// usually have.
//
// After what the vendors document and what was seen on real nginx 1.22 and HAProxy 2.6.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/front.hpp"
#include "deadline/clock.hpp"
#include "http/head.hpp"

namespace punctual::probe {

struct Hop {
  const config::FrontKind* kind = nullptr;  // nullptr: not one of those that are known
  std::string name;                         // "nginx/1.22.1"; of the layer's own making, made safe to print
};

// The layers that left a sign in the head of any answer, each once; in what order they stand is not known.
std::vector<Hop> hops_in(const http::ResponseHead& head);

// Who made this error answer; `body_start` are its first bytes. Without a name: nobody known.
Hop maker_of(const http::ResponseHead& head, std::string_view body_start);

// "60 s is what nginx, Kong and AWS Application Load Balancer have unless it was changed."; empty: nobody
// known.
std::string usual_of(deadline::Duration silence);

}  // namespace punctual::probe
