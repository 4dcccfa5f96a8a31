// Prompts and answers of requests, for those who have asked for them: they are not stored unless a setting
// says so, and then without what `redact` finds, cut at `contents_bytes_max` each, and let go by an age of
// their own (retention.hpp).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "storage/connection.hpp"

namespace punctual::requestlog {

inline constexpr std::size_t contents_bytes_max = 64 * 1024;  // of a prompt or an answer

struct Contents {
  std::string request_id;
  std::string prompt;
  std::string answer;
  std::size_t queued_bytes = 0;  // as it was handed over; the recorder's
};

inline std::size_t bytes_of(const Contents& contents) {
  return contents.request_id.size() + contents.prompt.size() + contents.answer.size();
}

// Redacted first and cut then, so that half of a secret is not left at the end; what is cut says so.
std::string storable_contents(std::string_view text);

// In a job, after the request with that id: the latest of them with that id. `created` in microseconds. No
// request, nothing stored.
storage::Outcome store_contents(storage::Connection& connection, const Contents& contents,
                                std::int64_t created);

}  // namespace punctual::requestlog
