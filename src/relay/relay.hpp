// Moves an upstream's answer to the client: bytes unchanged, events whole, clocks fed by progress alone.
//
// Three ways: `relay_events` for SSE, `relay_document` for an answer that is small enough to be held until it
// is whole (so that a failure can still become a proper error), which turns into `relay_bytes` when it is
// not. The client always gets whole events, so an error event can follow at any time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "api/content.hpp"
#include "backend/call.hpp"
#include "base/task.hpp"
#include "deadline/watch.hpp"
#include "relay/client_writer.hpp"
#include "relay/tally.hpp"

namespace punctual::relay {

enum class Ending : std::uint8_t {
  complete,         // the client has, or will get, everything
  interrupted,      // by the watch
  upstream_failed,  // see Call::failure
  client_broken,    // the client's connection failed in a write
};

// Working memory that the relays of one loop take turns with.
struct Workspace {
  http::BodyPieces pieces;
  std::vector<std::string_view> out;
  std::string copy;
};

// Writes the client's head from the upstream's, unless heartbeats have begun the stream; called once, before
// the first content.
class HeadSource {
 public:
  virtual void begin_answer() = 0;

 protected:
  ~HeadSource() = default;
};

// The beginning of an answer's content, for those who have asked for it to be stored.
struct AnswerCopy {
  static constexpr std::size_t bytes_max = 128 * 1024;
  std::string text;

  void append(std::string_view content) { text.append(content.substr(0, bytes_max - text.size())); }
  void append(std::span<const std::string_view> content) {
    for (const auto piece : content)
      append(piece);
  }
};

struct RelayContext {
  deadline::Watch& watch;
  ClientWriter& client;
  api::ContentReader& reader;
  Workspace& workspace;
  Tally& tally;
  HeadSource& head;
  AnswerCopy* copy = nullptr;  // nullptr: none is wanted
};

// How much of a document is held before its head is sent.
inline constexpr std::size_t document_bytes_held_max = 256 * 1024;
// How much of a stream is held back while another target could still take over.
inline constexpr std::size_t events_bytes_held_max = 64 * 1024;

// `hold`: keep back what comes before the first content, because another target is left to try.
base::Task<Ending> relay_events(RelayContext context, backend::Call& call, bool hold);

base::Task<Ending> relay_document(RelayContext context, backend::Call& call);

}  // namespace punctual::relay
