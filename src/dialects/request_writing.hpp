// What the translators of requests share: the body that is written, what is left out of it, and the problem
// that ends the work, with the path of the member that it is about.
//
// Functions that can find a problem return false and have it in `RequestWriting::problem`; the caller stops.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/translation.hpp"
#include "json/reader.hpp"

namespace punctual::dialects {

using simdjson::dom::array;
using simdjson::dom::object;

// Where a value stands: `messages[2].content[1].type`. Links to its parent, which must live as long; the text
// is made only when a problem wants it.
class Path {
 public:
  constexpr explicit Path(std::string_view name, const Path* parent = nullptr)
      : parent_(parent), name_(name) {}
  constexpr Path(std::size_t index, const Path* parent) : parent_(parent), index_(index) {}

  Path member(std::string_view name) const { return Path(name, this); }
  Path at(std::size_t index) const { return Path(index, this); }
  std::string text() const;

 private:
  const Path* parent_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
};

// What was found, for a message: `"banana"`, `an array`, `12`.
std::string described(const json::Element& value);

struct RequestWriting {
  static constexpr std::size_t left_out_max = 32;

  std::string body;
  std::vector<std::string> left_out;
  AnswerContext answer;
  http::Problem problem;

  // A member that does no harm when it is missing; each name is told once. Safe to stand in a header.
  void leave_out(std::string_view name);
  void leave_out(std::string_view before, std::string_view name);

  // "`path` is <value>; <right>." All return false.
  bool wrong(const Path& path, const json::Element& value, std::string_view right);
  bool missing(const Path& path, std::string_view right);
  bool refuse(const Path& path, std::string message);

  // The members of `in` that are not in `known`, as left out, named "<before><key>". Nulls are no members.
  void leave_out_others(const object& in, std::string_view before,
                        std::initializer_list<std::string_view> known);

  // The value of `path`, of the type asked for.
  bool read(const Path& path, const json::Element& value, std::string_view& text);
  bool read(const Path& path, const json::Element& value, bool& flag);
  bool read(const Path& path, const json::Element& value, object& members);
  bool read(const Path& path, const json::Element& value, array& items);
  bool read_number(const Path& path, const json::Element& value, double& number);
  bool read_count(const Path& path, const json::Element& value, std::uint64_t& count);
  // A member of `in` that must be there.
  bool read_member(const Path& path, const object& in, std::string_view key, std::string_view& text);
  bool read_member(const Path& path, const object& in, std::string_view key, object& members);
};

// A member of `in`, if it is there and not null.
bool find(const object& in, std::string_view key, json::Element& value);
// The same, if it is also of the type.
bool find(const object& in, std::string_view key, std::string_view& text);
bool find(const object& in, std::string_view key, object& members);
bool find(const object& in, std::string_view key, array& items);

// A top-level member that the translation knows.
struct Member {
  std::string_view name;
  bool present = false;  // and not null
  json::Element value{};
};

// Finds the members in one walk; what is not known is left out. A member that stands twice is a problem:
// parsers differ in which of the two they take.
bool find_members(const object& request, std::span<Member> members, RequestWriting& writing);

// Reads the body, an object, and calls `write(writing, members)`, which returns false with a problem.
RequestTranslation translate_body(std::string& body, json::Reader& reader,
                                  const std::function<bool(RequestWriting&, const object&)>& write);

// A data URL with base64 (RFC 2397), taken apart.
struct DataUrl {
  std::string_view media_type;
  std::string_view data;
};
bool read_data_url(std::string_view url, DataUrl& parts);

}  // namespace punctual::dialects
