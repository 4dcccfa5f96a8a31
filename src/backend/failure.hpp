// Why an upstream call did not bring an answer.
#pragma once

#include <cstdint>
#include <string>

#include "deadline/watch.hpp"

namespace punctual::backend {

enum class FailureKind : std::uint8_t {
  interrupted,  // the watch said so: a limit, the client, an operator
  unreachable,  // no connection
  broken,       // the connection broke or ended before the answer was whole
  garbage,      // what came is not HTTP, or not what was asked for
};

struct Failure {
  FailureKind kind = FailureKind::broken;
  std::string detail;  // one sentence for people; empty when interrupted
  int error = 0;       // an errno value, where the connection broke with one
};

}  // namespace punctual::backend
