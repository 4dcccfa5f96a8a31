// For tests: events and what an assembler makes of them.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "dialects/assembler.hpp"
#include "http/sse.hpp"

namespace punctual::dialects {

inline std::expected<std::string, std::string> assemble(StreamKind kind, std::string_view stream) {
  const auto assembler = make_assembler(kind);
  http::SseEvents events(stream);
  for (std::string_view event; events.next(event);)
    if (!assembler->event(event)) break;
  return assembler->document();
}

// Each line is the data of one event.
inline std::string events_of(std::string_view lines) {
  std::string stream;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    if (end > 0) http::append_sse_event(stream, "", lines.substr(0, end));
    lines = end == std::string_view::npos ? std::string_view() : lines.substr(end + 1);
  }
  return stream;
}

inline void expect_assembled(StreamKind kind, std::string_view lines, std::string_view expected) {
  const auto document = assemble(kind, events_of(lines));
  ASSERT_TRUE(document) << document.error();
  EXPECT_EQ(boost::json::parse(*document), boost::json::parse(expected)) << *document;
}

}  // namespace punctual::dialects
