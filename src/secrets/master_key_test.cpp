#include "secrets/master_key.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <thread>
#include <vector>

#include "base/temporary_folder_testing.hpp"
#include "secrets/key_file.hpp"
#include "secrets/vault.hpp"

namespace punctual::secrets {
namespace {

class MasterKeys : public ::testing::Test {
 public:
 protected:
  MasterKeys() {
    request.data_folder = folder.path();
    request.new_passphrase_cost = cheapest_cost;
    request.variables = [this](std::string_view wanted) -> const std::string* {
      const auto found = variables.find(wanted);
      return found == variables.end() ? nullptr : &found->second;
    };
  }

  std::expected<MasterKey, Error> find() const { return find_master_key(request); }
  Error error() const {
    auto found = find();
    EXPECT_FALSE(found.has_value());
    return found ? Error{} : found.error();
  }
  static bool same(const Key& left, const Key& right) {
    return std::ranges::equal(left.reveal(), right.reveal());
  }
  std::filesystem::path write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    const auto path = folder / name;
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }

  static constexpr auto hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
  static constexpr auto base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  base::TemporaryFolder folder;
  std::map<std::string, std::string, std::less<>> variables;
  MasterKeyRequest request;
};

TEST_F(MasterKeys, AreReadInEachForm) {
  const auto expected = Key::parse(hex);
  ASSERT_TRUE(expected);
  EXPECT_EQ(expected->reveal()[31], 31);
  for (const std::string& text :
       {std::string(base64), std::string(base64).substr(0, 43), " " + std::string(hex) + "\n"}) {
    const auto key = Key::parse(text);
    ASSERT_TRUE(key) << text;
    EXPECT_TRUE(same(*key, *expected));
  }
  for (const std::string& text : {std::string(), std::string("secret"), std::string(hex).substr(2),
                                  std::string(64, 'x'), std::string(base64) + "="}) {
    const auto key = Key::parse(text);
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error().kind, ErrorKind::invalid_key);
  }
}

TEST_F(MasterKeys, AreLookedForInOrder) {
  variables = {{"PUNCTUAL_MASTER_KEY", hex},
               {"PUNCTUAL_MASTER_PASSPHRASE", "correct horse battery"},
               {"PUNCTUAL_MASTER_KEY_FILE", write("a.key", base64).string()}};
  EXPECT_EQ(find()->from, "variable PUNCTUAL_MASTER_KEY");
  variables.erase("PUNCTUAL_MASTER_KEY");
  EXPECT_EQ(find()->from, "variable PUNCTUAL_MASTER_PASSPHRASE");
  variables.erase("PUNCTUAL_MASTER_PASSPHRASE");
  EXPECT_EQ(find()->from, "file " + (folder / "a.key").string());
  variables.clear();
  EXPECT_EQ(find()->from, "file " + (folder / "master.key").string());
}

TEST_F(MasterKeys, NeverShowWhatIsWrong) {
  variables["PUNCTUAL_MASTER_KEY"] = "hunter2hunter2";
  EXPECT_EQ(error().kind, ErrorKind::invalid_key);
  EXPECT_EQ(error().message.find("hunter2"), std::string::npos);
  EXPECT_NE(error().message.find("PUNCTUAL_MASTER_KEY is not a key"), std::string::npos);
  variables["PUNCTUAL_MASTER_KEY"] = "";
  EXPECT_NE(error().message.find("set to nothing"), std::string::npos);
}

TEST_F(MasterKeys, AreMadeOnceForAnEmptyVault) {
  const auto first = find();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->created);
  struct stat status{};
  ASSERT_EQ(::stat((folder / "master.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  const auto second = find();
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->created);
  EXPECT_TRUE(same(first->key, second->key));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST_F(MasterKeys, AreNotMadeForAVaultThatHoldsSomething) {
  const auto vault = Vault::create(*Key::parse(hex), std::nullopt);
  request.vault = &vault->document();
  EXPECT_EQ(error().kind, ErrorKind::missing_key);
  EXPECT_NE(error().message.find("cannot be opened without it"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder / "master.key"));
}

TEST_F(MasterKeys, AreRefusedWhereOthersCanReadThem) {
  write("master.key", base64, 0640);
  EXPECT_EQ(error().kind, ErrorKind::invalid_key);
  EXPECT_NE(error().message.find("0640"), std::string::npos);
  EXPECT_NE(error().message.find("chmod 0600"), std::string::npos);
  write("master.key", base64, 0400);
  EXPECT_TRUE(find());
}

TEST_F(MasterKeys, AreNotReplacedWhenTheirFileHoldsNone) {
  write("master.key", "");
  EXPECT_EQ(error().kind, ErrorKind::invalid_key);
}

TEST_F(MasterKeys, AreNotMadeUpForAFileThatIsNamed) {
  variables["PUNCTUAL_MASTER_KEY_FILE"] = (folder / "none.key").string();
  EXPECT_EQ(error().kind, ErrorKind::missing_key);
  EXPECT_NE(error().message.find("PUNCTUAL_MASTER_KEY_FILE"), std::string::npos);
}

TEST_F(MasterKeys, ComeFromAPassphraseWithTheStoredSalt) {
  variables["PUNCTUAL_MASTER_PASSPHRASE"] = "correct horse battery";
  const auto first = find();
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(first->passphrase);
  const auto vault = Vault::create(first->key, first->passphrase);
  const auto stored = VaultDocument::parse(vault->document().text());
  request.vault = &*stored;
  EXPECT_TRUE(Vault::open(*stored, find()->key));
  variables["PUNCTUAL_MASTER_PASSPHRASE"] = "correct horse batteries";
  EXPECT_EQ(Vault::open(*stored, find()->key).error().kind, ErrorKind::wrong_master_key);
  variables["PUNCTUAL_MASTER_PASSPHRASE"] = "short";
  EXPECT_EQ(error().kind, ErrorKind::invalid_key);
  variables.clear();
  EXPECT_NE(error().message.find("PUNCTUAL_MASTER_PASSPHRASE"), std::string::npos);
}

TEST_F(MasterKeys, DoNotTakeAPassphraseForAVaultOfAKey) {
  const auto vault = Vault::create(*Key::parse(hex), std::nullopt);
  request.vault = &vault->document();
  variables["PUNCTUAL_MASTER_PASSPHRASE"] = "correct horse battery";
  EXPECT_EQ(error().kind, ErrorKind::wrong_master_key);
}

TEST_F(MasterKeys, AreOneWhenSeveralProcessesMakeThem) {
  std::vector<std::optional<std::expected<MasterKey, Error>>> found(8);
  {
    std::vector<std::jthread> threads;
    threads.reserve(found.size());
    for (auto& one : found)
      threads.emplace_back([&] { one.emplace(find()); });
  }
  for (const auto& one : found) {
    ASSERT_TRUE(one->has_value()) << one->error().message;
    EXPECT_TRUE(same((*one)->key, (*found[0])->key));
  }
  EXPECT_EQ(std::ranges::count_if(found, [](const auto& one) { return (*one)->created; }), 1);
}

TEST_F(MasterKeys, SayThatTheirFolderIsMissing) {
  request.data_folder = folder / "none";
  EXPECT_EQ(error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace punctual::secrets
