#include "http/plain_head.hpp"

#include <algorithm>
#include <array>
#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/text.hpp"
#include "http/bounds.hpp"

namespace punctual::http {

namespace {

constexpr std::uint8_t in_token = 1;   // RFC 9110, section 5.6.2
constexpr std::uint8_t in_target = 2;  // of what RFC 3986 allows, what no parser sees differently

constexpr std::array<std::uint8_t, 256> kinds = [] {
  std::array<std::uint8_t, 256> made{};
  const auto mark = [&made](std::string_view characters, std::uint8_t kind) {
    for (const char c : characters)
      made[static_cast<unsigned char>(c)] |= kind;
  };
  constexpr std::string_view alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  mark(alphanumeric, in_token | in_target);
  mark("!#$%&'*+-.^_`|~", in_token);
  mark("/-._~?&=%:,+", in_target);
  return made;
}();

bool all_of_kind(std::string_view text, std::uint8_t kind) {
  return std::ranges::all_of(text,
                             [kind](char c) { return (kinds[static_cast<unsigned char>(c)] & kind) != 0; });
}

constexpr bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

// The first byte from `at` on that is no text; `end` if there is none.
const char* find_control(const char* at, const char* end) {
#ifdef __SSE2__
  constexpr std::ptrdiff_t width = 16;
  const auto each = [](char c) { return _mm_set1_epi8(c); };
  for (; end - at >= width; at += width) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, each(0x1f)), bytes);
    const __m128i odd = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, each('\t')), low),
                                     _mm_cmpeq_epi8(bytes, each(0x7f)));
    if (const auto found = static_cast<unsigned>(_mm_movemask_epi8(odd))) return at + std::countr_zero(found);
  }
#endif
  return std::find_if(at, end, is_control);
}

// Takes the first line from `rest`. Nothing when it does not end with CR LF, or there is something in it that
// is no text.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const char* const begin = rest.data();
  const char* const limit = begin + rest.size();
  const char* const end = find_control(begin, limit);
  if (limit - end < 2 || end[0] != '\r' || end[1] != '\n') return std::nullopt;
  rest = {end + 2, limit};
  return std::string_view(begin, end);
}

// False: the field means more than passing it on, and not plainly.
bool note_meaning(const Header& field, PlainHead& plain) {
  switch (field.name.size()) {
    case 7:
      return !base::equals_ignoring_case(field.name, "upgrade");
    case 10:
      if (!base::equals_ignoring_case(field.name, "connection")) return true;
      if (base::equals_ignoring_case(field.value, "keep-alive")) return true;
      plain.keep_alive = false;
      return base::equals_ignoring_case(field.value, "close");
    case 14: {
      if (!base::equals_ignoring_case(field.name, "content-length")) return true;
      constexpr std::size_t digits_max = 18;
      if (plain.content_length || field.value.size() > digits_max) return false;
      plain.content_length = base::parse_unsigned(field.value);
      return plain.content_length.has_value();
    }
    case 16:
      return !base::equals_ignoring_case(field.name, "proxy-connection");
    case 17:
      return !base::equals_ignoring_case(field.name, "transfer-encoding");
    default:
      return true;
  }
}

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

// Up to the empty line, which is taken too.
bool read_fields(std::string_view& rest, Headers& headers, PlainHead& plain) {
  for (;;) {
    const auto line = take_line(rest);
    if (!line || headers.size() == header_count_max) return false;
    if (line->empty()) return true;
    const char* colon = line->data();
    const char* end = colon + line->size();
    while (colon < end && (kinds[static_cast<unsigned char>(*colon)] & in_token))
      ++colon;
    if (colon == line->data() || colon == end || *colon != ':') return false;
    const char* begin = colon + 1;
    while (begin < end && is_space(*begin))
      ++begin;
    while (begin < end && is_space(end[-1]))
      --end;
    // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage)
    const Header field{{line->data(), colon}, {begin, end}};
    if (!note_meaning(field, plain)) return false;
    headers.add(field.name, field.value);
  }
}

std::optional<PlainHead> with_fields(PlainHead plain, std::string_view bytes, std::string_view rest,
                                     Headers& headers) {
  if (!read_fields(rest, headers, plain)) return std::nullopt;
  plain.size = bytes.size() - rest.size();
  if (plain.size > head_bytes_max) return std::nullopt;
  return plain;
}

}  // namespace

std::optional<PlainHead> read_plain_request(std::string_view bytes, Headers& headers) {
  constexpr std::string_view version = " HTTP/1.1";
  std::string_view rest = bytes;
  const auto line = take_line(rest);
  if (!line || !line->ends_with(version)) return std::nullopt;
  PlainHead plain;
  if (line->starts_with("POST /")) {
    plain.method = "POST";
  } else if (line->starts_with("GET /")) {
    plain.method = "GET";
  } else {
    return std::nullopt;
  }
  plain.target = line->substr(plain.method.size() + 1);
  // A target cannot have a space: the version is not taken for a part of it.
  if (plain.target.size() <= version.size()) return std::nullopt;
  plain.target.remove_suffix(version.size());
  if (!all_of_kind(plain.target, in_target)) return std::nullopt;
  return with_fields(plain, bytes, rest, headers);
}

std::optional<PlainHead> read_plain_response(std::string_view bytes, Headers& headers) {
  constexpr std::string_view version = "HTTP/1.1 ";
  constexpr std::size_t digits = 3;
  std::string_view rest = bytes;
  const auto line = take_line(rest);
  if (!line || !line->starts_with(version) || line->size() < version.size() + digits + 2) return std::nullopt;
  const auto status = base::parse_unsigned(line->substr(version.size(), digits));
  // Below and two others: answers without a body, whatever the fields say.
  if (!status || *status < 200 || *status > 599 || *status == 204 || *status == 304) return std::nullopt;
  if ((*line)[version.size() + digits] != ' ') return std::nullopt;
  PlainHead plain;
  plain.status = static_cast<int>(*status);
  plain.reason = line->substr(version.size() + digits + 1);
  auto read = with_fields(plain, bytes, rest, headers);
  // Without a length the body ends otherwise: that is for those who know how.
  if (read && !read->content_length) return std::nullopt;
  return read;
}

}  // namespace punctual::http
