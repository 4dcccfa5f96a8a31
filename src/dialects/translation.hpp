// What a translation between two wire formats takes and gives: requests one way, answers the other way.
//
// The formats, as their vendors document them:
// - chat_completions: OpenAI Chat Completions, POST /v1/chat/completions.
// - messages: Anthropic Messages, POST /v1/messages.
// - responses: OpenAI Responses, POST /v1/responses (stateless use).
//
// Pure: bytes in, bytes out; no I/O, no clock. A translator serves one answer, on one thread.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/problem.hpp"
#include "json/reader.hpp"

namespace punctual::dialects {

enum class Format : std::uint8_t { chat_completions, messages, responses };

// What the answer's translation must know of the request and of who asked.
struct AnswerContext {
  std::string request_id;        // ours; where the upstream's answer has no id, one is made of it
  std::string model;             // what the client asked for; used where the upstream names none
  std::int64_t created = 0;      // Unix seconds; used where the upstream tells none
  bool stream = false;           // the client wants events
  bool include_usage = false;    // chat: stream_options.include_usage
  bool wants_json = false;       // the request asked for JSON output by a tool that the translation has added
  std::string repeated_members;  // responses: members of the request that its answer repeats, as JSON members
};

struct TranslatedRequest {
  std::string body;  // a JSON object, for the upstream; the model is already the upstream's
  // Members that the upstream's format cannot express and that do no harm, such as "metadata.user_id"; the
  // client is told them in a header.
  std::vector<std::string> left_out;
  AnswerContext answer;  // request_id and created are the caller's to fill in
};

// An error is a 400 whose `param` names the member that cannot be expressed.
using RequestTranslation = std::expected<TranslatedRequest, http::Problem>;

// The upstream's answer, as the client's format has it.
class AnswerTranslator {
 public:
  virtual ~AnswerTranslator() = default;

  // `event` is one whole event of the upstream's stream, blank line included. Appends to `out` the events
  // that it becomes: none, one or several, each whole. Comments become nothing. An error event of the
  // upstream becomes the error event of the client's format, after which nothing is appended any more.
  virtual void event(std::string_view event, std::string& out) = 0;

  // The upstream has ended its stream. Appends what the client's format still wants for a proper end; false,
  // and nothing appended, where the upstream never said that its answer was whole.
  virtual bool end(std::string& out) = 0;

  // What `event` has told last of all, after which it appends nothing more: the upstream need not say more
  // either.
  enum class LastWord : std::uint8_t { none, end, error };
  virtual LastWord last_word() const = 0;

  // A whole 2xx answer in one piece. The error says what is wrong with it, to go on from "The upstream sent
  // ".
  virtual std::expected<std::string, std::string> document(std::string_view document) = 0;
};

// A request of format `from` for an upstream of format `to`, another one. `body` is a valid JSON object,
// which is left as it is; the reader is used for it.
RequestTranslation translate_request(Format from, Format to, std::string& body,
                                     std::string_view upstream_model, json::Reader& reader);

// What turns the answers of that upstream into the client's. Never nullptr.
std::unique_ptr<AnswerTranslator> make_answer_translator(Format upstream, Format client,
                                                         AnswerContext context);

// The body of an upstream's error answer (4xx, 5xx) in the format `to`; what cannot be read is told as text,
// bounded. Members that `to` does not know are kept inside its error object.
std::string translate_error(Format from, Format to, int status, std::string_view body,
                            std::string_view request_id);

}  // namespace punctual::dialects
