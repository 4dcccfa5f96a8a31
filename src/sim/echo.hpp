// What travelled, for tests to verify: the request as the server received it.
#pragma once

#include <string>
#include <string_view>

#include "http/head.hpp"

namespace punctual::sim {

// {"method", "target", "headers": {...}, "body": "..."} as the JSON text of a string (JSON in JSON), so that
// it fits where an answer's text stands. Header names are in lower case, repeated ones joined by ", ".
// `authorization` is cut down to its scheme, other keys to nothing. The body is exactly what came.
std::string echo_of(const http::RequestHead& head, std::string_view body);

}  // namespace punctual::sim
