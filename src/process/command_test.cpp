#include "process/command.hpp"

#include <gmock/gmock.h>

#include <array>

namespace punctual::process {
namespace {

using testing::ElementsAre;

TEST(Command, InheritsWhatProgramsNeedAndNoSecrets) {
  for (const auto* name : {"PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES",
                           "HIP_PATH", "OMP_NUM_THREADS", "LLAMA_CACHE", "HF_HOME"})
    EXPECT_TRUE(is_inherited(name)) << name;
  for (const auto* name :
       {"PUNCTUAL_MASTER_KEY", "PUNCTUAL_PATH", "OPENAI_API_KEY", "LLAMA_API_KEY", "VLLM_API_KEY", "HF_TOKEN",
        "AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "LD_PRELOAD", "OLLAMA_AUTH_TOKEN", ""})
    EXPECT_FALSE(is_inherited(name)) << name;
}

TEST(Command, AddsInPlaceOfWhatIsInherited) {
  const std::array<const char*, 4> ours{"PATH=/bin", "SECRET=1", "HOME=/home", nullptr};
  EXPECT_THAT(child_environment(ours.data(), {"A=1", "PATH=/opt", "A=2"}),
              ElementsAre("HOME=/home", "PATH=/opt", "A=2"));
  EXPECT_THAT(child_environment(nullptr, {}), ElementsAre());
}

TEST(Command, FindsTheProgramInTheChildsPath) {
  EXPECT_EQ(find_program("sh", {"PATH=/nonesuch:/bin"}), "/bin/sh");
  EXPECT_EQ(find_program("sh", {"PATH=/nonesuch"}), "");
  EXPECT_NE(find_program("sh", {}), "");
  EXPECT_EQ(find_program("/opt/engine", {}), "/opt/engine");
  EXPECT_EQ(find_program("", {}), "");
}

}  // namespace
}  // namespace punctual::process
