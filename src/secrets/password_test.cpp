#include "secrets/password.hpp"

#include <gtest/gtest.h>

namespace punctual::secrets {
namespace {

TEST(Passwords, AreVerifiedAgainstTheirHashes) {
  const auto passwords = Passwords::create(cheapest_cost);
  ASSERT_TRUE(passwords);
  const auto hash = passwords->hash("a long password");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$"));
  EXPECT_NE(*hash, *passwords->hash("a long password"));
  EXPECT_TRUE(passwords->verify(*hash, "a long password"));
  EXPECT_FALSE(passwords->verify(*hash, "a long passwort"));
  EXPECT_FALSE(passwords->verify(*hash, ""));
  EXPECT_FALSE(passwords->verify("", "a long password"));
  EXPECT_FALSE(passwords->verify("$argon2id$nonsense", "a long password"));
  passwords->verify_nobody("a long password");
}

TEST(Passwords, MayHoldAnyByte) {
  const auto passwords = Passwords::create(cheapest_cost);
  const std::string password("a\0b", 3);
  const auto hash = passwords->hash(password);
  EXPECT_TRUE(passwords->verify(*hash, password));
  EXPECT_FALSE(passwords->verify(*hash, "a"));
}

TEST(Passwords, OfAnotherCostVerifyAndAreOutdated) {
  const auto cheap = Passwords::create(cheapest_cost);
  const auto dearer = Passwords::create({2, 16384});
  const auto hash = cheap->hash("a long password");
  EXPECT_FALSE(cheap->is_outdated(*hash));
  EXPECT_TRUE(dearer->is_outdated(*hash));
  EXPECT_TRUE(dearer->verify(*hash, "a long password"));
}

}  // namespace
}  // namespace punctual::secrets
