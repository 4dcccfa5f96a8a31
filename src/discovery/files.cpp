#include "discovery/files.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace punctual::discovery {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t part_suffix_bytes = std::string_view("-00001-of-00002").size();

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The number of "name-00002-of-00003"; nothing: it is not one of several.
std::optional<int> part_of(std::string_view stem) {
  if (stem.size() < part_suffix_bytes) return std::nullopt;
  const auto suffix = stem.substr(stem.size() - part_suffix_bytes);
  if (suffix[0] != '-' || suffix.substr(6, 4) != "-of-") return std::nullopt;
  int number = 0;
  for (const char c : suffix.substr(1, 5)) {
    if (!is_digit(c)) return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

std::string name_for(std::string_view stem) {
  if (part_of(stem)) stem.remove_suffix(part_suffix_bytes);
  std::string name(stem);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool plain = (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_' || c == '.';
    if (!plain) c = '-';
  }
  return name;
}

class Walk {
 public:
  Walk(const WalkLimits& limits, FoundFiles& found) : limits_(limits), found_(found) {}

  void folder(const fs::path& root) {
    std::error_code error;
    if (!fs::is_directory(root, error)) return;
    found_.folders.push_back(root.string());
    auto entries =
        fs::recursive_directory_iterator(root, fs::directory_options::skip_permission_denied, error);
    for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
      if (++entries_ > limits_.entries_max || found_.files.size() >= limits_.files_max ||
          limits_.out_of_time()) {
        found_.complete = false;
        return;
      }
      if (entries.depth() >= limits_.depth_max) entries.disable_recursion_pending();
      if (entries->path().extension() == ".gguf") look_at(entries->path());
    }
  }

  // Each model gets the projector beside it.
  void finish() {
    for (auto& file : found_.files) {
      const auto beside = projectors_.find(fs::path(file.path).parent_path());
      if (beside != projectors_.end() && beside->second.size() == 1) file.projector = beside->second.front();
    }
    std::ranges::sort(found_.files, {}, &FoundFile::path);
  }

 private:
  void look_at(const fs::path& path) {
    std::error_code error;
    if (!fs::is_regular_file(path, error) || part_of(path.stem().string()).value_or(1) != 1) return;
    const auto real = fs::canonical(path, error);
    if (error || !seen_.insert(real).second) return;
    auto header = pool::read_gguf(path);
    if (!header) return;
    if (header->kind == pool::ModelKind::projector) {
      projectors_[path.parent_path()].push_back(path.string());
      return;
    }
    found_.files.push_back({path.string(), {}, name_for(path.stem().string()), std::move(*header)});
  }

  const WalkLimits& limits_;
  FoundFiles& found_;
  std::size_t entries_ = 0;
  std::set<fs::path> seen_;
  std::map<fs::path, std::vector<std::string>> projectors_;
};

fs::path whole_path(const std::string& folder, const std::string& home) {
  return folder.starts_with("~/") ? fs::path(home) / folder.substr(2) : fs::path(folder);
}

}  // namespace

FoundFiles find_files(const std::vector<std::string>& folders, const std::string& home,
                      const WalkLimits& limits) {
  FoundFiles found;
  Walk walk(limits, found);
  for (const auto& folder : folders) {
    if (folder.starts_with("~/") && home.empty()) continue;
    walk.folder(whole_path(folder, home));
    if (!found.complete) break;
  }
  walk.finish();
  return found;
}

}  // namespace punctual::discovery
