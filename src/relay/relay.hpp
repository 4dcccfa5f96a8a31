// Moves an upstream's answer to the client: bytes unchanged, events whole, clocks fed by progress alone.
//
// `relay_events` for SSE; `relay_document` for an answer that is small enough to be held until it is whole
// (so that a failure can still become a proper error), which then passes as it comes when it is not;
// `relay_assembled` for a stream whose client wants one document. With a `Conversion` the answer is
// translated on its way. The client always gets whole events, so an error event can follow at any time.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "api/content.hpp"
#include "backend/call.hpp"
#include "base/task.hpp"
#include "deadline/watch.hpp"
#include "dialects/assembler.hpp"
#include "dialects/translation.hpp"
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
  std::string translated;
};

// A document that takes the place of what the upstream sent.
struct OwnDocument {
  std::string_view media_type;  // empty: the upstream's
  std::size_t bytes = 0;
};

// Writes the client's head from the upstream's, unless heartbeats have begun the stream; called once, before
// the first content.
class HeadSource {
 public:
  // `own`: what is sent instead of the upstream's body; nullptr: that body.
  virtual void begin_answer(const OwnDocument* own) = 0;

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

// What becomes of an answer that is not passed on as it came.
struct Conversion {
  dialects::AnswerTranslator* events = nullptr;  // nullptr: events stay as they are
  // A whole document becomes another. The error goes on from "<upstream> sent ".
  std::function<std::expected<std::string, std::string>(std::string_view)> document;
};

struct RelayContext {
  deadline::Watch& watch;
  ClientWriter& client;
  api::ContentReader& reader;
  Workspace& workspace;
  Tally& tally;
  HeadSource& head;
  AnswerCopy* copy = nullptr;              // nullptr: none is wanted
  const Conversion* conversion = nullptr;  // nullptr: the answer is passed on as it comes
};

// How much of a document is held before its head is sent.
inline constexpr std::size_t document_bytes_held_max = 256 * 1024;
// How large a document may be that has to be held whole, because it is translated.
inline constexpr std::size_t document_bytes_converted_max = std::size_t{32} << 20;
// How much of a stream is held back while another target could still take over.
inline constexpr std::size_t events_bytes_held_max = 64 * 1024;

// `hold`: keep back what comes before the first content, because another target is left to try.
base::Task<Ending> relay_events(RelayContext context, backend::Call& call, bool hold);

base::Task<Ending> relay_document(RelayContext context, backend::Call& call);

// The client gets the one document that the stream adds up to. An error event of the upstream is a failure:
// what it said is in the assembler.
base::Task<Ending> relay_assembled(RelayContext context, backend::Call& call, dialects::Assembler& assembler);

}  // namespace punctual::relay
