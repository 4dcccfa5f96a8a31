// Answers of the gateway's own: whole documents, and problems in the client's dialect.
#pragma once

#include <string>
#include <string_view>

#include "api/operation.hpp"
#include "http/problem.hpp"
#include "relay/client_writer.hpp"

namespace punctual::gateway {

// What every answer needs to know of its request.
struct ReplyContext {
  std::string_view request_id;
  std::string_view instance;   // the path, for problems
  std::string_view type_base;  // of problem types
  api::Dialect dialect = api::Dialect::openai;
  bool keep_alive = true;
  bool head_only = false;  // HEAD was asked: the body's length is told, the body is not sent
  bool chunked = true;     // the client knows chunks (HTTP/1.1)
};

void reply_document(relay::ClientWriter& client, const ReplyContext& context, int status,
                    std::string_view media_type, std::string_view document);

void reply_problem(relay::ClientWriter& client, const ReplyContext& context, const http::Problem& problem);

// The problem as the last event of a stream that has begun; ends the stream.
void end_with_error_event(relay::ClientWriter& client, const ReplyContext& context,
                          const http::Problem& problem);

}  // namespace punctual::gateway
