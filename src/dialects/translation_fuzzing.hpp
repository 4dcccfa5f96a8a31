// For fuzz targets: the same bytes as a request, a stream, a document and an error of a pair of formats, and
// what must be true of all that becomes of them.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dialects/translation.hpp"
#include "http/sse.hpp"

namespace punctual::dialects {

inline void require(bool condition) {
  if (!condition) std::abort();
}

inline void require_object(std::string text) {
  json::Reader reader;
  const auto document = reader.read(text);
  require(document && document->is_object());
}

// Blocks of Messages come one after another, each closed before the next is opened.
class BlockOrder {
 public:
  void read(const json::Element& event) {
    std::string_view type;
    std::int64_t index = 0;
    require(!event["type"].get(type));
    if (!type.starts_with("content_block_")) return;
    require(!event["index"].get(index) && index == index_);
    require(open_ != (type == "content_block_start"));
    if (type == "content_block_start") open_ = true;
    if (type == "content_block_stop") {
      open_ = false;
      ++index_;
    }
  }

 private:
  std::int64_t index_ = 0;
  bool open_ = false;
};

inline void require_stream(Format format, std::string_view stream) {
  http::SseEvents events(stream);
  std::string joined;
  json::Reader reader;
  BlockOrder order;
  bool ended = false;
  for (std::string_view event; events.next(event);) {
    require(!ended);
    const auto fields = http::sse_fields(event, joined);
    ended = fields.data == "[DONE]" || fields.event == "message_stop" || fields.event == "error";
    if (fields.data == "[DONE]") continue;
    const auto data = reader.read_copy(fields.data);
    require(data && data->is_object());
    if (format == Format::messages) order.read(*data);
  }
  require(events.rest().empty());
}

inline void fuzz_request(Format from, Format to, std::string_view bytes) {
  std::string body(bytes);
  json::Reader reader;
  const auto request = translate_request(from, to, body, "up\"stream", reader);
  if (!request) {
    require(request.error().status == 400 && !request.error().message.empty());
    return require_object(http::problem_json(request.error(), "base/", "/", "id"));
  }
  require_object(request->body);
  for (const auto& name : request->left_out)
    require(!name.empty() && name.find_first_of("\r\n, ") == std::string::npos);
}

inline void fuzz_answer(Format upstream, Format client, bool wants_json, std::string_view bytes) {
  AnswerContext context;
  context.request_id = "r";
  context.include_usage = true;
  context.wants_json = wants_json;
  const auto document = make_answer_translator(upstream, client, context)->document(bytes);
  if (document) require_object(*document);
  const auto translator = make_answer_translator(upstream, client, context);
  std::string out;
  http::SseEvents events(bytes);
  for (std::string_view event; events.next(event);)
    translator->event(event, out);
  const auto size = out.size();
  if (!translator->end(out)) require(out.size() == size);
  require_stream(client, out);
}

// A client that speaks `from`, an upstream that speaks `to`.
inline void fuzz_pair(Format from, Format to, std::string_view bytes) {
  fuzz_request(from, to, bytes);
  fuzz_answer(to, from, false, bytes);
  fuzz_answer(to, from, true, bytes);
  require_object(translate_error(to, from, 400, bytes, "r"));
}

}  // namespace punctual::dialects
