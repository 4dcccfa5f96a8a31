// Any bytes as a Responses request, as the stream of a chat answer and as a whole one: what is written is
// JSON, the end comes once, and nothing comes after it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dialects/responses_answer.hpp"
#include "dialects/responses_request.hpp"
#include "http/sse.hpp"

namespace {

using namespace punctual;

void require(bool condition) {
  if (!condition) std::abort();
}

void require_json(std::string_view text) {
  json::Reader reader;
  require(reader.read_copy(text).has_value());
}

std::string check_request(std::string_view bytes) {
  json::Reader reader;
  std::string body(bytes);
  const auto request = dialects::chat_request_of_responses(body, "the rule's", reader);
  if (!request) {
    require(request.error().status == 400 && !request.error().message.empty());
    return {};
  }
  json::Reader written;
  const auto document = written.read_copy(request->body);
  std::string_view model;
  require(document && !(*document)["model"].get(model) && model == "the rule's");
  require((*document)["messages"].is_array());
  require_json("{" + request->answer.repeated_members + "}");
  return request->answer.repeated_members;
}

void check_stream(std::string_view bytes, const std::string& repeated) {
  dialects::AnswerContext context;
  context.request_id = "r";
  context.repeated_members = repeated;
  const auto whole = dialects::make_chat_to_responses_answer(context)->document(bytes);
  if (whole) require_json(*whole);

  const auto answer = dialects::make_chat_to_responses_answer(context);
  std::string out;
  http::SseEvents events(bytes);
  for (std::string_view event; events.next(event);)
    answer->event(event, out);
  (void)answer->end(out);
  (void)answer->end(out);

  http::SseEvents written(out);
  std::string joined;
  std::size_t ends = 0;
  for (std::string_view event; written.next(event);) {
    const auto fields = http::sse_fields(event, joined);
    require_json(fields.data);
    require(ends == 0 || (ends == 1 && fields.event == "error"));
    ends += fields.event == "response.completed" || fields.event == "response.incomplete" ||
            fields.event == "response.failed";
  }
  require(written.rest().empty() && ends <= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_stream(bytes, check_request(bytes));
  return 0;
}
