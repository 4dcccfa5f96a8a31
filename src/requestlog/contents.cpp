#include "requestlog/contents.hpp"

#include <algorithm>

#include "requestlog/redact.hpp"
#include "storage/value.hpp"

namespace punctual::requestlog {

namespace {

constexpr std::string_view cut_mark = "[cut]";

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

}  // namespace

std::string storable_contents(std::string_view text) {
  // What is far beyond what is kept is not worth looking at; a secret at the edge is still whole.
  constexpr std::size_t looked_at_max = 2 * contents_bytes_max;
  auto redacted = redact(storage::storable_text(text.substr(0, looked_at_max)));
  if (redacted.size() <= contents_bytes_max && text.size() <= looked_at_max) return redacted;
  std::size_t end = std::min(redacted.size(), contents_bytes_max - cut_mark.size());
  while (end > 0 && end < redacted.size() && continues_character(redacted[end]))
    --end;
  redacted.resize(end);
  return redacted.append(cut_mark);
}

storage::Outcome store_contents(storage::Connection& connection, const Contents& contents,
                                std::int64_t created) {
  const auto done = connection.execute(
      "INSERT INTO contents (request, created, prompt, answer)"
      " SELECT id, CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT) FROM requests"
      " WHERE request_id = $1 ORDER BY id DESC LIMIT 1 ON CONFLICT (request) DO NOTHING",
      {contents.request_id, created, contents.prompt, contents.answer});
  if (!done) return std::unexpected(done.error());
  return {};
}

}  // namespace punctual::requestlog
