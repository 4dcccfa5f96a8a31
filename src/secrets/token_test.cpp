#include "secrets/token.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace punctual::secrets {
namespace {

TEST(Tokens, AreRandomAndPlain) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto token = new_token(Purpose::session);
    const std::string text(token.reveal());
    EXPECT_EQ(text.size(), 43U);
    EXPECT_TRUE(
        std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; }));
    EXPECT_TRUE(seen.insert(text).second);
  }
}

TEST(Tokens, OfProgramsAreRecognised) {
  const auto key = new_token(Purpose::api_key);
  EXPECT_TRUE(key.reveal().starts_with(api_key_prefix));
  EXPECT_EQ(key.reveal().size(), api_key_prefix.size() + 43);
}

TEST(TokenHashes, AreOfOneTokenAndPurpose) {
  const auto hash = hash_of(Purpose::session, "abc");
  EXPECT_TRUE(equal(hash, hash_of(Purpose::session, "abc")));
  EXPECT_FALSE(equal(hash, hash_of(Purpose::session, "abd")));
  EXPECT_FALSE(equal(hash, hash_of(Purpose::api_key, "abc")));
  EXPECT_FALSE(equal(hash, hash_of(Purpose::setup, "abc")));
  EXPECT_EQ(text_of(hash).size(), 64U);
}

TEST(Ids, NameTheirKind) {
  const auto id = new_id("user");
  EXPECT_TRUE(id.starts_with("user_"));
  EXPECT_EQ(id.size(), 25U);
  EXPECT_NE(id, new_id("user"));
}

// What is stored must be found again by every later version.
TEST(TokenHashes, StayAsTheyAre) {
  EXPECT_EQ(text_of(hash_of(Purpose::api_key, "punctual_x")),
            "e422bc4109e5f87aa63ce2ee8ea3d455fe559d83f1377c39f172a2411092a8b1");
}

}  // namespace
}  // namespace punctual::secrets
