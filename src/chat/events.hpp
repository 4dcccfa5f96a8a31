// The events of a chat, as text: `event:` NAME, `data:` JSON on one line.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "chat/limits.hpp"
#include "chat/model_answer.hpp"
#include "chat/tools.hpp"

namespace punctual::chat {

// What a chat has done so far.
struct Sums {
  std::uint32_t rounds = 0;
  std::uint32_t queries = 0;
  Usage usage;
};

struct Start {
  std::string_view chat_id;
  std::string_view request_id;
  std::string_view model;
  std::string_view data_source;  // empty: none
};

// Each appends one event to `out`.
void append_start(std::string& out, const Start& start, const Limits& limits);
void append_call(std::string& out, std::uint32_t round, std::string_view request_id, deadline::Duration limit,
                 deadline::Duration elapsed);
void append_delta(std::string& out, std::uint32_t round, const ModelAnswer::Delta& delta);
void append_call_end(std::string& out, std::uint32_t round, const ModelAnswer& answer,
                     deadline::Duration took);
struct Query {
  std::string_view id;
  std::string_view sql;
  deadline::Duration limit{};
};
void append_query(std::string& out, const ToolRequest& request, const Query& query);
void append_rows(std::string& out, std::string_view id, std::string_view columns, std::string_view rows);
void append_query_end(std::string& out, std::string_view id, const ToolEnd& end);
void append_end(std::string& out, const Sums& sums, deadline::Duration elapsed);
// `document`: the problem, an object.
void append_error(std::string& out, std::string_view document, const Sums& sums);

// "300", "0.5".
std::string seconds_text(deadline::Duration duration);

}  // namespace punctual::chat
