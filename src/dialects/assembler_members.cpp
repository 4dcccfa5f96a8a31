#include "dialects/assembler_members.hpp"

#include <algorithm>
#include <utility>

#include "dialects/assembler.hpp"
#include "dialects/json_text.hpp"

namespace punctual::dialects {

AssembledMembers::Member& AssembledMembers::at(std::vector<Member>& members, std::string_view name,
                                               std::size_t& bytes) {
  const auto found = std::ranges::find(members, name, &Member::name);
  if (found != members.end()) return *found;
  if (members.size() >= members_max) {
    bytes += Assembler::document_bytes_max;
    return members.back();
  }
  bytes += sizeof(Member) + name.size();
  return members.emplace_back(Member{.name = std::string(name), .kind = {}, .text = {}, .inner = {}});
}

void AssembledMembers::set_to(Member& member, const json::Element& value, std::size_t& bytes) {
  if (value.is_null()) return;
  bytes -= member.text.size();
  member.text.clear();
  member.inner.clear();
  std::string_view string;
  if (!value.get(string)) {
    member.kind = Kind::string;
    append_escaped(member.text, string);
  } else {
    member.kind = Kind::whole;
    append_value(member.text, value);
  }
  bytes += member.text.size();
}

bool AssembledMembers::append_to(Member& member, const json::Element& value, std::size_t& bytes) {
  const std::size_t before = member.text.size();
  std::string_view string;
  simdjson::dom::array items;
  if (!value.get(string)) {
    if (member.kind != Kind::null && member.kind != Kind::string) return false;
    member.kind = Kind::string;
    append_escaped(member.text, string);
  } else if (!value.get(items)) {
    if (member.kind != Kind::null && member.kind != Kind::array) return false;
    member.kind = Kind::array;
    for (const auto item : items) {
      if (!member.text.empty()) member.text.push_back(',');
      append_value(member.text, item);
    }
  } else {
    if (member.kind == Kind::array) return value.is_null();
    set_to(member, value, bytes);
    return true;
  }
  bytes += member.text.size() - before;
  return true;
}

void AssembledMembers::set(std::string_view name, const json::Element& value) {
  set_to(at(members_, name, bytes_), value, bytes_);
}

void AssembledMembers::keep_first(std::string_view name, const json::Element& value) {
  Member& member = at(members_, name, bytes_);
  if (member.text.empty()) set_to(member, value, bytes_);
}

bool AssembledMembers::append(std::string_view name, const json::Element& value) {
  return append_to(at(members_, name, bytes_), value, bytes_);
}

void AssembledMembers::append_item(std::string_view name, const json::Element& item) {
  Member& member = at(members_, name, bytes_);
  const std::size_t before = member.text.size();
  if (member.kind != Kind::array) member.text.clear();
  member.kind = Kind::array;
  if (!member.text.empty()) member.text.push_back(',');
  append_value(member.text, item);
  bytes_ += member.text.size() - before;
}

bool AssembledMembers::append_object(std::string_view name, const json::Element& object,
                                     std::initializer_list<std::string_view> keep) {
  simdjson::dom::object members;
  Member& member = at(members_, name, bytes_);
  if (object.get(members)) return append_to(member, object, bytes_);
  if (member.kind != Kind::null && member.kind != Kind::object) return false;
  member.kind = Kind::object;
  for (const auto [key, value] : members) {
    Member& inner = at(member.inner, key, bytes_);
    if (std::ranges::find(keep, key) == keep.end()) {
      if (!append_to(inner, value, bytes_)) return false;
    } else if (inner.text.empty()) {
      set_to(inner, value, bytes_);
    }
  }
  return true;
}

void AssembledMembers::set_text(std::string_view name, std::string json) {
  Member& member = at(members_, name, bytes_);
  bytes_ += json.size() - member.text.size();
  member.kind = Kind::whole;
  member.text = std::move(json);
}

void AssembledMembers::expect(std::string_view name) {
  (void)at(members_, name, bytes_);
}

bool AssembledMembers::has(std::string_view name) const {
  return std::ranges::find(members_, name, &Member::name) != members_.end();
}

std::string_view AssembledMembers::string(std::string_view name) const {
  const auto found = std::ranges::find(members_, name, &Member::name);
  return found != members_.end() && found->kind == Kind::string ? found->text : std::string_view();
}

void AssembledMembers::write(std::string& out, const std::vector<Member>& members) {
  out.push_back('{');
  bool first = true;
  for (const auto& member : members) {
    if (!std::exchange(first, false)) out.push_back(',');
    append_string(out, member.name);
    out.push_back(':');
    switch (member.kind) {
      case Kind::null:
        out.append("null");
        break;
      case Kind::string:
        out.append("\"").append(member.text).push_back('"');
        break;
      case Kind::array:
        out.append("[").append(member.text).push_back(']');
        break;
      case Kind::object:
        write(out, member.inner);
        break;
      case Kind::whole:
        out.append(member.text);
    }
  }
  out.push_back('}');
}

void AssembledMembers::write(std::string& out) const {
  write(out, members_);
}

}  // namespace punctual::dialects
