#include "json/splice.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>

namespace punctual::json {
namespace {

namespace bj = boost::json;

std::string_view span(std::string_view text, const std::optional<MemberSpan>& member) {
  return member ? text.substr(member->begin, member->end - member->begin) : "none";
}

TEST(FindMember, FindsTopLevelMembersOnly) {
  const std::string_view text =
      " { \"a\" : {\"model\":1} , \"b\\\"model\": \"x,}]\\\"\" ,\"c\":[{\"model\":2}],\"model\" : -1.5e3 "
      ",\"d\":null} ";
  EXPECT_EQ(span(text, find_member(text, "model")), "\"model\" : -1.5e3");
  EXPECT_EQ(span(text, find_member(text, "a")), "\"a\" : {\"model\":1}");
  EXPECT_EQ(span(text, find_member(text, "c")), "\"c\":[{\"model\":2}]");
  EXPECT_EQ(span(text, find_member(text, "d")), "\"d\":null");
  EXPECT_EQ(span(text, find_member(text, "e")), "none");
  EXPECT_EQ(span("{}", find_member("{}", "a")), "none");
  EXPECT_EQ(span("[1]", find_member("[1]", "a")), "none");
  EXPECT_EQ(span("", find_member("", "a")), "none");
  EXPECT_EQ(span(text, find_member(text, "b\"model")), "\"b\\\"model\": \"x,}]\\\"\"");
}

TEST(FindMember, AnEscapedKeyIsTheSameKey) {
  const std::string_view text = R"({"x":1,"\u006dodel":"a"})";
  EXPECT_EQ(span(text, find_member(text, "model")), R"("\u006dodel":"a")");
  EXPECT_EQ(span(text, find_member(text, "\\u006dodel")), "none");
}

std::string without(std::string_view text, std::initializer_list<std::string_view> keys) {
  Splice splice(text);
  for (const auto key : keys)
    splice.remove(*find_member(text, key));
  EXPECT_EQ(splice.size(), splice.text().size());
  return splice.text();
}

TEST(Splice, RemovesTheCommaToo) {
  EXPECT_EQ(without(R"({"a":1})", {"a"}), "{}");
  EXPECT_EQ(without(R"({"a":1,"b":2})", {"a"}), R"({"b":2})");
  EXPECT_EQ(without(R"({"a":1 , "b":2 })", {"b"}), R"({"a":1  })");
  EXPECT_EQ(without(R"({"a":1,"b":2,"c":3})", {"b"}), R"({"a":1,"c":3})");
  EXPECT_EQ(without(R"({"a":1,"b":2,"c":3})", {"b", "c"}), R"({"a":1})");
  EXPECT_EQ(without(R"({"a":1,"b":2,"c":3})", {"c", "b"}), R"({"a":1})");
  EXPECT_EQ(without(R"({"a":1,"b":2})", {"a", "b"}), "{}");
  EXPECT_EQ(without(R"({"a":1, "b":2})", {"b", "a"}), "{}");
}

// Keys that are easily confused, values with everything that could mislead a scanner, spaces anywhere.
std::string random_object(std::size_t members) {
  static const std::vector<std::string> values = {"1",
                                                  "-0.5e+7",
                                                  "true",
                                                  "null",
                                                  "\"\"",
                                                  "\"a,\\\"}]\\\\\"",
                                                  "\"\\u0022\"",
                                                  "{}",
                                                  "[]",
                                                  "{\"k0\":[1,{\"k1\":2}]}",
                                                  "[[],{\"k2\":\"]\"}]"};
  static const std::vector<std::string> spaces = {"", " ", "\n\t", "\r\n"};
  const auto space = [] { return *rc::gen::elementOf(spaces); };
  std::string text = space() + "{" + space();
  for (std::size_t i = 0; i < members; ++i) {
    if (i > 0) text += "," + space();
    text += (*rc::gen::arbitrary<bool>() ? "\"k" : "\"\\u006b") + std::to_string(i) + "\"" + space() + ":" +
            space() + *rc::gen::elementOf(values) + space();
  }
  return text + "}" + space();
}

RC_GTEST_PROP(Splice, EditsAsADocumentWould, ()) {
  const auto members = *rc::gen::inRange<std::size_t>(0, 6);
  const std::string text = random_object(members);
  bj::object expected = bj::parse(text).as_object();
  Splice splice(text);
  // In any order, each member once.
  auto order = std::vector<std::size_t>(members);
  for (std::size_t i = 0; i < members; ++i)
    order[i] = i;
  for (std::size_t i = members; i > 1; --i)
    std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
  for (const auto i : order) {
    const std::string key = "k" + std::to_string(i);
    const auto member = find_member(text, key);
    RC_ASSERT(member.has_value());
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        splice.remove(*member);
        expected.erase(key);
        break;
      case 1:
        splice.replace_value(*member, "\"new\"");
        expected[key] = "new";
        break;
      default:
        break;
    }
  }
  boost::system::error_code error;
  const auto edited = bj::parse(splice.text(), error);
  RC_ASSERT(!error);
  RC_ASSERT(edited == bj::value(expected));
  RC_ASSERT(splice.size() == splice.text().size());
}

RC_GTEST_PROP(Quoted, IsReadBack, ()) {
  const auto character = rc::gen::elementOf(std::string("az 09/\"\\\n\t\b\x01{}[]:,\x7f"));
  const auto text = *rc::gen::container<std::string>(character);
  RC_ASSERT(std::string_view(bj::parse(json::quoted(text)).as_string()) == text);
}

}  // namespace
}  // namespace punctual::json
