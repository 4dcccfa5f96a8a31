#include "requestlog/cursor.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace punctual::requestlog {
namespace {

RC_GTEST_PROP(Cursors, AreReadAsTheyAreWritten, (std::int64_t started, std::int64_t id)) {
  const Cursor cursor{started, id};
  RC_ASSERT(Cursor::parse(cursor.text()) == cursor);
}

RC_GTEST_PROP(Cursors, AreNotAnyText, (const std::string& text)) {
  const auto cursor = Cursor::parse(text);
  RC_ASSERT(!cursor || cursor->text() == text);
}

TEST(Cursors, OfAnotherVersionAreRefused) {
  auto text = Cursor{1, 2}.text();
  text[1] = 'g';
  EXPECT_FALSE(Cursor::parse(text));
  EXPECT_FALSE(Cursor::parse(""));
  EXPECT_FALSE(Cursor::parse(Cursor{1, 2}.text() + "A"));
}

}  // namespace
}  // namespace punctual::requestlog
