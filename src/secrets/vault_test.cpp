#include "secrets/vault.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace punctual::secrets {
namespace {

class Vaults : public ::testing::Test {
 protected:
  static Key a_key() { return std::move(*Key::random()); }
  std::string sealed(std::string_view text, std::string_view provider = "7", std::int64_t version = 1) const {
    return vault.seal(text, provider, version).value();
  }
  static std::string opened(const Vault& from, std::string_view blob, std::string_view provider = "7",
                            std::int64_t version = 1) {
    const auto secret = from.open(blob, provider, version);
    if (!secret) return "error: " + secret.error().message;
    return std::string(secret->reveal());
  }
  static ErrorKind kind_of(const std::expected<config::Secret, Error>& result) {
    EXPECT_FALSE(result.has_value());
    return result.error().kind;
  }

  Key master = a_key();
  Vault vault = std::move(*Vault::create(master, std::nullopt));
};

TEST_F(Vaults, OpenWhatTheySealed) {
  const auto blob = sealed("sk-secret");
  EXPECT_EQ(blob.find("sk-secret"), std::string::npos);
  EXPECT_EQ(opened(vault, blob), "sk-secret");
  EXPECT_NE(blob, sealed("sk-secret"));
  EXPECT_EQ(opened(vault, sealed("")), "");
}

TEST_F(Vaults, OpenAgainFromTheirStoredText) {
  const auto blob = sealed("sk-secret");
  const auto document = VaultDocument::parse(vault.document().text());
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(*document, vault.document());
  const auto again = Vault::open(*document, master);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(opened(*again, blob), "sk-secret");
}

TEST_F(Vaults, TellAWrongMasterKeyFromDamage) {
  const auto other = Vault::open(vault.document(), a_key());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::wrong_master_key);
  for (const bool of_check : {true, false}) {
    auto damaged = vault.document();
    (of_check ? damaged.key_check[3] : damaged.wrapped[30]) ^= 1;
    const auto result = Vault::open(damaged, master);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::corrupt);
  }
}

TEST_F(Vaults, OpenForTheProviderAndVersionOnly) {
  const auto blob = sealed("sk-secret");
  EXPECT_EQ(kind_of(vault.open(blob, "8", 1)), ErrorKind::corrupt);
  EXPECT_EQ(kind_of(vault.open(blob, "7", 2)), ErrorKind::corrupt);
  EXPECT_EQ(kind_of(vault.open(blob, "", 1)), ErrorKind::corrupt);
  const auto other = Vault::create(master, std::nullopt);
  EXPECT_EQ(kind_of(other->open(blob, "7", 1)), ErrorKind::corrupt);
}

RC_GTEST_FIXTURE_PROP(Vaults, RefuseATamperedBlob, (const std::string& text)) {
  auto blob = sealed(text);
  const auto at = *rc::gen::inRange<std::size_t>(0, blob.size());
  const auto bit = *rc::gen::inRange(0, 8);
  blob[at] = static_cast<char>(blob[at] ^ (1 << bit));
  RC_ASSERT(!vault.open(blob, "7", 1));
}

RC_GTEST_FIXTURE_PROP(Vaults, RefuseBlobsCutOrMadeUp, (const std::string& text)) {
  const auto blob = sealed(text);
  const auto size = *rc::gen::inRange<std::size_t>(0, blob.size());
  RC_ASSERT(!vault.open(std::string_view(blob).substr(0, size), "7", 1));
  RC_ASSERT(!vault.open(text, "7", 1));
}

RC_GTEST_FIXTURE_PROP(Vaults, RefuseATamperedDocument, ()) {
  auto text = vault.document().text();
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  text[at] = static_cast<char>(text[at] ^ 1);
  RC_ASSERT(!VaultDocument::parse(text));
  RC_ASSERT(!VaultDocument::parse(text.substr(0, at)));
}

TEST_F(Vaults, RotateTheDataKey) {
  const std::vector<Sealed> all = {{"7", 1, sealed("one")}, {"8", 3, sealed("two", "8", 3)}};
  const auto rotation = vault.rotate(all, master);
  ASSERT_TRUE(rotation) << rotation.error().message;
  ASSERT_EQ(rotation->blobs.size(), 2U);
  EXPECT_EQ(rotation->vault.document().generation, 2U);
  EXPECT_EQ(rotation->vault.document().id, vault.document().id);
  const auto again = Vault::open(rotation->vault.document(), master);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(opened(*again, rotation->blobs[0]), "one");
  EXPECT_EQ(opened(*again, rotation->blobs[1], "8", 3), "two");
  EXPECT_FALSE(again->open(all[0].blob, "7", 1));
}

TEST_F(Vaults, DoNotRotateWhatTheyCannotOpen) {
  const std::vector<Sealed> all = {{"7", 1, sealed("one")}, {"8", 1, sealed("two", "9")}};
  const auto rotation = vault.rotate(all, master);
  ASSERT_FALSE(rotation);
  EXPECT_NE(rotation.error().message.find("provider 8"), std::string::npos);
}

TEST_F(Vaults, ChangeTheirMasterKey) {
  const auto blob = sealed("sk-secret");
  const Key next = a_key();
  const auto how = new_passphrase_parameters(cheapest_cost);
  const auto document = vault.wrap_anew(next, how);
  ASSERT_TRUE(document);
  EXPECT_EQ(document->passphrase, how);
  EXPECT_EQ(VaultDocument::parse(document->text()), *document);
  EXPECT_EQ(Vault::open(*document, master).error().kind, ErrorKind::wrong_master_key);
  const auto again = Vault::open(*document, next);
  ASSERT_TRUE(again);
  EXPECT_EQ(opened(*again, blob), "sk-secret");
}

TEST_F(Vaults, BoundWhatTheySeal) {
  EXPECT_TRUE(vault.seal(std::string(sealed_text_bytes_max, 'a'), "7", 1));
  EXPECT_FALSE(vault.seal(std::string(sealed_text_bytes_max + 1, 'a'), "7", 1));
}

}  // namespace
}  // namespace punctual::secrets
