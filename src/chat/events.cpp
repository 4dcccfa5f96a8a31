#include "chat/events.hpp"

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "http/sse.hpp"
#include "json/splice.hpp"

namespace punctual::chat {

namespace {

std::int64_t whole_milliseconds(deadline::Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

std::string or_null(std::string_view text) {
  return text.empty() ? std::string("null") : json::quoted(text);
}

std::string usage_text(const Usage& usage) {
  return fmt::format(R"({{"prompt_tokens":{},"completion_tokens":{}}})", usage.prompt_tokens,
                     usage.completion_tokens);
}

}  // namespace

std::string seconds_text(deadline::Duration duration) {
  std::string text;
  base::append_seconds(text, duration);
  return text;
}

void append_start(std::string& out, const Start& start, const Limits& limits) {
  http::append_sse_event(
      out, "start",
      fmt::format(R"({{"chat_id":{},"request_id":{},"model":{},"data_source":{},"limits":{{)"
                  R"("model_call_seconds":{},"browser_seconds":{},"request_seconds":{},"rounds_max":{}}},)"
                  R"("elapsed_ms":0}})",
                  json::quoted(start.chat_id), json::quoted(start.request_id), json::quoted(start.model),
                  or_null(start.data_source), seconds_text(limits.model_call), seconds_text(limits.browser),
                  seconds_text(limits.request), limits.rounds_max));
}

void append_call(std::string& out, std::uint32_t round, std::string_view request_id, deadline::Duration limit,
                 deadline::Duration elapsed) {
  http::append_sse_event(
      out, "call",
      fmt::format(R"({{"round":{},"request_id":{},"limit_seconds":{},"elapsed_ms":{}}})", round,
                  json::quoted(request_id), seconds_text(limit), whole_milliseconds(elapsed)));
}

void append_delta(std::string& out, std::uint32_t round, const ModelAnswer::Delta& delta) {
  if (!delta.reasoning.empty()) {
    http::append_sse_event(
        out, "delta", fmt::format(R"({{"round":{},"reasoning":{}}})", round, json::quoted(delta.reasoning)));
  }
  if (!delta.text.empty()) {
    http::append_sse_event(out, "delta",
                           fmt::format(R"({{"round":{},"text":{}}})", round, json::quoted(delta.text)));
  }
}

void append_call_end(std::string& out, std::uint32_t round, const ModelAnswer& answer,
                     deadline::Duration took) {
  const std::string usage =
      answer.usage() ? R"("usage":)" + usage_text(*answer.usage()) + "," : std::string();
  http::append_sse_event(out, "call_end",
                         fmt::format(R"({{"round":{},"finish_reason":{},{}"milliseconds":{}}})", round,
                                     or_null(answer.finish_reason()), usage, whole_milliseconds(took)));
}

void append_query(std::string& out, const ToolRequest& request, const Query& query) {
  http::append_sse_event(
      out, "query",
      fmt::format(R"({{"id":{},"round":{},"tool":"{}","sql":{},"reason":{},"limit_seconds":{}}})",
                  json::quoted(query.id), request.round, datasource::name_of(request.tool),
                  json::quoted(query.sql), json::quoted(request.reason), seconds_text(query.limit)));
}

void append_rows(std::string& out, std::string_view id, std::string_view columns, std::string_view rows) {
  const std::string first = columns.empty() ? std::string() : fmt::format(R"("columns":{},)", columns);
  http::append_sse_event(out, "rows",
                         fmt::format(R"({{"id":{},{}"rows":{}}})", json::quoted(id), first, rows));
}

void append_query_end(std::string& out, std::string_view id, const ToolEnd& end) {
  const std::string error =
      end.error.empty() ? std::string() : fmt::format(R"(,"error":{})", json::quoted(end.error));
  http::append_sse_event(
      out, "query_end",
      fmt::format(R"({{"id":{},"outcome":{},"rows":{},"bytes":{},"truncated":{},"milliseconds":{}{}}})",
                  json::quoted(id), json::quoted(end.outcome), end.rows, end.bytes, end.truncated,
                  whole_milliseconds(end.took), error));
}

void append_end(std::string& out, const Sums& sums, deadline::Duration elapsed) {
  http::append_sse_event(
      out, "end",
      fmt::format(R"({{"outcome":"success","rounds":{},"queries":{},"usage":{},"elapsed_ms":{}}})",
                  sums.rounds, sums.queries, usage_text(sums.usage), whole_milliseconds(elapsed)));
}

void append_error(std::string& out, std::string_view document, const Sums& sums) {
  const auto open = document.substr(0, document.rfind('}'));
  http::append_sse_event(out, "error",
                         fmt::format(R"({},"rounds":{},"queries":{}}})", open, sums.rounds, sums.queries));
}

}  // namespace punctual::chat
