// What is remembered of one request: written once, at its end. Prompts and answers are never in it.
//
// As a line of JSON, members without a value are left out; durations are milliseconds, limits are seconds,
// times are RFC 3339 in UTC. Text that others chose (model, ids, names of the settings) is bounded and
// escaped; `endpoint`, `outcome` and `ended_by` are our own words and written as they are.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deadline/deadline.hpp"

namespace punctual::audit {

// One upstream call.
struct Attempt {
  std::string_view provider;
  std::string_view model;
  std::string_view outcome;  // "success", "timeout", "refused", "reset", "garbage", "status", "cancelled",
                             // "stopped", "busy", "skipped", "untranslatable"
  std::string detail;        // one sentence where something went wrong
  int status = 0;            // 0: no head came
  bool reused_connection = false;
  std::optional<deadline::Duration> connect;
  std::optional<deadline::Duration> first_token;  // from the dispatch
  deadline::Duration duration{};
};

// What is noted while the request goes on; the rest is known at its end.
struct Notes {
  std::string upstream_request_id;
  std::string detail;
  std::optional<deadline::Expiry> fired;
  std::optional<deadline::Duration> load;   // waiting for local models
  std::optional<deadline::Duration> queue;  // waiting for slots, all attempts together
  std::optional<deadline::Duration> cancel;
  std::vector<Attempt> attempts;
};

struct Record : Notes {
  deadline::WallTime started{};
  std::string_view request_id;
  std::string_view endpoint;  // "chat", "completions", "embeddings"; "" when the request got nowhere
  std::string_view path;
  std::string_view model;
  bool stream = false;
  std::string_view rule;                 // its pattern
  int status = 0;                        // what the client was sent; 0: nothing
  std::string_view outcome;              // "success", "timeout", "error", "refused", "cancelled", "stopped"
  std::string_view ended_by;             // "upstream", "client", "gateway"
  std::optional<deadline::Limit> total;  // the total limit in force
  std::optional<deadline::Duration> receive, connect, first_token;
  deadline::Duration duration{};
  std::optional<std::uint64_t> prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens;
  std::uint64_t content_events = 0;
  std::uint64_t heartbeats = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::string_view client;
  std::string_view api_key;  // its id; empty: none
  // What the client announced of its own patience: for the whole answer, and between two bytes.
  std::optional<deadline::Duration> client_waits, client_waits_between_bytes;
  std::string_view client_waits_header;  // which said so; empty: none did
  bool inner = false;                    // a call of the chat page, which ends it by itself
};

// Appends the record as one line.
void append_json_line(std::string& out, const Record& record);

}  // namespace punctual::audit
