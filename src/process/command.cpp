#include "process/command.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace punctual::process {

namespace {

using namespace std::string_view_literals;

constexpr std::array names = {"PATH"sv,
                              "HOME"sv,
                              "USER"sv,
                              "LOGNAME"sv,
                              "SHELL"sv,
                              "TMPDIR"sv,
                              "TZ"sv,
                              "LANG"sv,
                              "LANGUAGE"sv,
                              "SSL_CERT_FILE"sv,
                              "SSL_CERT_DIR"sv,
                              "LD_LIBRARY_PATH"sv,
                              "PYTHONPATH"sv,
                              "PYTHONHOME"sv,
                              "VIRTUAL_ENV"sv,
                              "CONDA_PREFIX"sv,
                              "HF_HOME"sv,
                              "HF_HUB_CACHE"sv,
                              "HF_ENDPOINT"sv,
                              "HF_HUB_OFFLINE"sv,
                              "TRANSFORMERS_OFFLINE"sv};

constexpr std::array beginnings = {"LC_"sv,   "XDG_"sv,      "CUDA_"sv,   "NVIDIA_"sv, "NCCL_"sv, "HIP_"sv,
                                   "ROCM_"sv, "ROCR_"sv,     "HSA_"sv,    "AMD_"sv,    "GPU_"sv,  "VK_"sv,
                                   "GGML_"sv, "LLAMA_"sv,    "OLLAMA_"sv, "VLLM_"sv,   "MLX_"sv,  "OMP_"sv,
                                   "MKL_"sv,  "OPENBLAS_"sv, "ONEAPI_"sv, "SYCL_"sv};

constexpr std::array secret_parts = {"KEY"sv,      "TOKEN"sv,      "SECRET"sv,
                                     "PASSWORD"sv, "PASSPHRASE"sv, "CREDENTIAL"sv};

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

bool is_program(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

std::string absolute(const std::string& path) {
  std::error_code error;
  auto found = std::filesystem::absolute(path, error);
  return error ? path : found.string();
}

}  // namespace

bool is_inherited(std::string_view name) {
  if (std::ranges::find(names, name) != names.end()) return true;
  const auto is_secret = [name](std::string_view part) { return name.find(part) != std::string_view::npos; };
  const auto begins = [name](std::string_view beginning) { return name.starts_with(beginning); };
  return std::ranges::any_of(beginnings, begins) && std::ranges::none_of(secret_parts, is_secret);
}

std::vector<std::string> child_environment(const char* const* ours, const std::vector<std::string>& added) {
  std::vector<std::string> all;
  for (; ours && *ours; ++ours) {
    if (is_inherited(name_of(*ours))) all.emplace_back(*ours);
  }
  for (const auto& variable : added) {
    std::erase_if(all, [&](const std::string& known) { return name_of(known) == name_of(variable); });
    all.push_back(variable);
  }
  return all;
}

std::string find_program(std::string_view name, const std::vector<std::string>& environment) {
  if (name.empty()) return {};
  if (name.find('/') != std::string_view::npos) return absolute(std::string(name));
  std::string_view folders = "/usr/local/bin:/usr/bin:/bin";
  for (const auto& variable : environment) {
    if (name_of(variable) == "PATH") folders = std::string_view(variable).substr(5);
  }
  while (true) {
    const auto end = folders.find(':');
    const auto folder = folders.substr(0, end);
    std::string path(folder.empty() ? "." : folder);
    path.append("/").append(name);
    if (is_program(path)) return absolute(path);
    if (end == std::string_view::npos) return {};
    folders.remove_prefix(end + 1);
  }
}

}  // namespace punctual::process
