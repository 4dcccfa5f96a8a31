// Changing a member or two of a large JSON object without writing it anew: the untouched bytes stay as they
// are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace punctual::json {

// A member of the top-level object, as bytes of the text.
struct MemberSpan {
  std::size_t begin = 0;  // the quote of the key
  std::size_t value_begin = 0;
  std::size_t end = 0;  // behind the value
};

// Finds the first top-level member `key` in `text`, which must be a valid JSON object. A key that is written
// with escapes is the same key: a peer would take it so.
std::optional<MemberSpan> find_member(std::string_view text, std::string_view key);

// A text made of slices of another and of new pieces, in order.
class Splice {
 public:
  explicit Splice(std::string_view text) : text_(text), pieces_{text} {}

  // Both want a span of the original text; spans must not overlap.
  void replace_value(const MemberSpan& member, std::string_view value);  // `value` must outlive the splice
  void remove(const MemberSpan& member);                                 // with its comma

  const std::vector<std::string_view>& pieces() const { return pieces_; }
  std::size_t size() const;
  std::string text() const;

 private:
  void cut(const char* begin, const char* end, std::string_view instead);

  struct Cut {
    const char* begin;
    const char* end;
  };

  const char* comma_before(const char* at) const;
  const char* comma_after(const char* at) const;
  void erase(const char* begin, const char* end);

  std::string_view text_;
  std::vector<std::string_view> pieces_;
  std::vector<Cut> removed_;
};

// The JSON text of a string, quotes included.
std::string quoted(std::string_view text);

}  // namespace punctual::json
