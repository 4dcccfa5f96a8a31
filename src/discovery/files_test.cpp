#include "discovery/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/temporary_folder_testing.hpp"
#include "config/loader.hpp"
#include "discovery/places.hpp"
#include "pool/gguf_testing.hpp"

namespace punctual::discovery {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

class FilesTest : public testing::Test {
 protected:
  void model(const std::string& name, const std::string& architecture = "llama") const {
    write(name, pool::GgufText().text("general.architecture", architecture).bytes());
  }
  void write(const std::string& name, const std::string& bytes) const {
    fs::create_directories((home_ / name).parent_path());
    std::ofstream(home_ / name) << bytes;
  }
  FoundFiles found(const WalkLimits& limits = {}) const {
    return find_files({"~/models"}, home_.string(), limits);
  }
  std::vector<std::string> names(const WalkLimits& limits = {}) const {
    std::vector<std::string> names;
    for (const auto& file : found(limits).files)
      names.push_back(file.name);
    return names;
  }

  base::TemporaryFolder home_;
};

TEST_F(FilesTest, ModelsOnlyWithNamesToCallThem) {
  model("models/Qwen3 8B-Q4_K_M.gguf");
  model("models/a/b/deep.gguf");
  write("models/broken.gguf", "no model");
  write("models/notes.txt", "x");
  EXPECT_THAT(names(), ElementsAre("qwen3-8b-q4_k_m", "deep"));
  EXPECT_TRUE(found().complete);
  EXPECT_THAT(find_files({"~/nowhere"}, home_.string(), {}).folders, ElementsAre());
  EXPECT_THAT(find_files({"~/models"}, "", {}).files, ElementsAre());
}

TEST_F(FilesTest, OneInPartsIsOneAndOneByTwoLinksToo) {
  model("models/big-00001-of-00001.gguf");
  model("models/other-00002-of-00002.gguf");
  model("models/blobs/abc");
  fs::create_directories(home_ / "models/one");
  fs::create_directories(home_ / "models/two");
  fs::create_symlink(home_ / "models/blobs/abc", home_ / "models/one/x.gguf");
  fs::create_symlink(home_ / "models/blobs/abc", home_ / "models/two/x.gguf");
  EXPECT_THAT(names(), ElementsAre("big", "x"));
}

TEST_F(FilesTest, AProjectorGoesWithTheModelBesideIt) {
  model("models/see/eyes.gguf");
  model("models/see/mmproj.gguf", "clip");
  model("models/blind.gguf");
  const auto all = found();
  ASSERT_EQ(all.files.size(), 2u);
  EXPECT_EQ(all.files[0].name, "blind");
  EXPECT_EQ(all.files[0].projector, "");
  EXPECT_EQ(all.files[1].projector, (home_ / "models/see/mmproj.gguf").string());
}

TEST_F(FilesTest, AWalkIsBoundedAndSaysSo) {
  model("models/a.gguf");
  model("models/b.gguf");
  model("models/1/2/3/deep.gguf");
  fs::create_directory_symlink(home_ / "models", home_ / "models/round");
  EXPECT_EQ(names().size(), 3u) << "no link to a folder is followed";
  EXPECT_EQ(names({.depth_max = 1}).size(), 2u);
  EXPECT_FALSE(found({.entries_max = 1}).complete);
  EXPECT_FALSE(found({.files_max = 1}).complete);
  EXPECT_FALSE(found({.out_of_time = [] { return true; }}).complete);
}

TEST(Places, PortsOfTheSettingsAndOllamasButNotOurs) {
  const auto ports = [](const std::string& toml, const std::string& ollama_host) {
    const config::Environment environment({{"OLLAMA_HOST", ollama_host}});
    return ports_to_ask(**config::load(toml, "f", environment), environment);
  };
  const std::string one = "[discovery]\nports = [1, 2, 1]\n[server]\nlisten = '127.0.0.1:2'\n";
  EXPECT_THAT(ports(one, ""), ElementsAre(1));
  for (const auto* host : {"127.0.0.1:9", "http://localhost:9/", "0.0.0.0:9", ":9", "[::1]:9"})
    EXPECT_THAT(ports(one, host), ElementsAre(1, 9)) << host;
  for (const auto* host : {"10.0.0.1:9", "example.org:9", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999"})
    EXPECT_THAT(ports(one, host), ElementsAre(1)) << host;
}

}  // namespace
}  // namespace punctual::discovery
