// The members of an object that comes in pieces, as text that is only ever appended to: linear in what comes.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "json/reader.hpp"

namespace punctual::dialects {

class AssembledMembers {
 public:
  static constexpr std::size_t members_max = 256;

  // The value replaces what was there; null only stands where nothing else came.
  void set(std::string_view name, const json::Element& value);
  // Kept from the first time that it is neither null nor an empty string.
  void keep_first(std::string_view name, const json::Element& value);
  // Strings and arrays are continued, anything else is set. False where a string goes on as an array or the
  // other way round.
  bool append(std::string_view name, const json::Element& value);
  // One more item of an array, which is begun here where it was null.
  void append_item(std::string_view name, const json::Element& item);
  // Each member of `object` is appended to that of the object `name`; false as `append`. `keep` names members
  // that are kept from the first time instead.
  bool append_object(std::string_view name, const json::Element& object,
                     std::initializer_list<std::string_view> keep = {});
  // A value as JSON text.
  void set_text(std::string_view name, std::string json);
  // Stands there as null, if nothing else comes.
  void expect(std::string_view name);

  bool has(std::string_view name) const;
  // The text of a member that was a string, escaped; empty for none.
  std::string_view string(std::string_view name) const;
  // What all of it takes, for the bound on memory. With more than `members_max` names in one object, which
  // are looked for one by one, it is beyond that bound.
  std::size_t bytes() const { return bytes_; }

  // `{...}`.
  void write(std::string& out) const;

 private:
  enum class Kind : unsigned char { null, string, array, object, whole };
  struct Member {
    std::string name;
    Kind kind = Kind::null;
    std::string text;  // string: escaped; array: its items with commas; whole: JSON
    std::vector<Member> inner;
  };

  static Member& at(std::vector<Member>& members, std::string_view name, std::size_t& bytes);
  static bool append_to(Member& member, const json::Element& value, std::size_t& bytes);
  static void set_to(Member& member, const json::Element& value, std::size_t& bytes);
  static void write(std::string& out, const std::vector<Member>& members);

  std::vector<Member> members_;
  std::size_t bytes_ = 0;
};

}  // namespace punctual::dialects
