#include "gateway/reply.hpp"

#include <cmath>
#include <utility>

#include "http/head_writer.hpp"
#include "http/sse.hpp"

namespace punctual::gateway {

namespace {

std::string document_of(const ReplyContext& context, const http::Problem& problem) {
  return context.dialect == api::Dialect::anthropic
             ? http::anthropic_problem_json(problem, context.type_base, context.instance, context.request_id)
             : http::problem_json(problem, context.type_base, context.instance, context.request_id);
}

void finish(relay::ClientWriter& client, const ReplyContext& context, std::string& head, int status,
            std::string_view media_type, std::string_view document) {
  http::HeadWriter writer(head);
  writer.field("Content-Type", media_type).field("Content-Length", document.size());
  writer.field("X-Request-ID", context.request_id);
  if (!context.keep_alive) writer.field("Connection", "close");
  writer.end();
  client.begin(std::move(head), status, relay::Framing::length);
  if (context.head_only) return client.end();
  client.end({&document, 1});
}

}  // namespace

void reply_document(relay::ClientWriter& client, const ReplyContext& context, int status,
                    std::string_view media_type, std::string_view document) {
  std::string head;
  http::HeadWriter(head).status(status);
  finish(client, context, head, status, media_type, document);
}

void reply_problem(relay::ClientWriter& client, const ReplyContext& context, const http::Problem& problem) {
  std::string head;
  http::HeadWriter writer(head);
  writer.status(problem.status);
  if (problem.should_not_retry) writer.field("x-should-retry", "false");
  if (problem.retry_after_seconds) {
    writer.field("Retry-After", static_cast<std::uint64_t>(std::ceil(*problem.retry_after_seconds)));
    writer.field("retry-after-ms",
                 static_cast<std::uint64_t>(std::ceil(*problem.retry_after_seconds * 1000)));
  }
  if (problem.status == 401) writer.field("WWW-Authenticate", "Bearer");  // RFC 9110, section 11.6.1
  if (!problem.allow.empty()) writer.field("Allow", problem.allow);
  const bool anthropic = context.dialect == api::Dialect::anthropic;
  finish(client, context, head, problem.status, anthropic ? "application/json" : "application/problem+json",
         document_of(context, problem));
}

void end_with_error_event(relay::ClientWriter& client, const ReplyContext& context,
                          const http::Problem& problem) {
  std::string event;
  http::append_sse_event(event, "error", document_of(context, problem));
  const std::string_view content = event;
  client.end({&content, 1});
}

}  // namespace punctual::gateway
