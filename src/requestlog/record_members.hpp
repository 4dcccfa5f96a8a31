// The members of a record (audit/record.hpp) that are columns of the table `requests`, so that what writes a
// row and what makes the record whole again agree. Plain values.
//
// In the column `document` each of them is one byte, its mark: a control character, which JSON never has as
// it is. Whoever reads a document calls `append_whole`; one without marks is whole already.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "requestlog/entry.hpp"

namespace punctual::requestlog {

enum class MemberKind : std::uint8_t { time, text, integer, milliseconds };

struct RecordMember {
  std::string_view name;
  std::size_t column;  // of a row as it is inserted
  MemberKind kind;
};

inline constexpr std::array<RecordMember, 14> record_members = {{
    {"time", 0, MemberKind::time},
    {"request_id", 2, MemberKind::text},
    {"endpoint", 3, MemberKind::text},
    {"model", 5, MemberKind::text},
    {"rule", 6, MemberKind::text},
    {"status", 7, MemberKind::integer},
    {"outcome", 8, MemberKind::text},
    {"limit", 9, MemberKind::text},
    {"limit_source", 10, MemberKind::text},
    {"first_token_ms", 13, MemberKind::milliseconds},
    {"duration_ms", 12, MemberKind::milliseconds},
    {"prompt_tokens", 14, MemberKind::integer},
    {"completion_tokens", 15, MemberKind::integer},
    {"api_key", 11, MemberKind::text},
}};

// Of the member at that place of `record_members`; none of them is a tab or a line break.
inline constexpr char first_mark = 0x0e;
constexpr char mark_of(std::size_t member) {
  return static_cast<char>(first_mark + static_cast<char>(member));
}
static_assert(mark_of(record_members.size() - 1) < ' ');

// Appends the document with the members of its entry in the place of their marks: to the byte what the line
// was.
void append_whole(std::string& out, std::string_view document, const Entry& entry);

}  // namespace punctual::requestlog
