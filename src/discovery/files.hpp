// Walks folders for model files and reads what they say of themselves.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "discovery/found.hpp"

namespace punctual::discovery {

struct WalkLimits {
  int depth_max = 8;
  std::size_t entries_max = 50000;  // of all folders together
  std::size_t files_max = 200;
  std::function<bool()> out_of_time = [] { return false; };  // asked often
};

// "~" at the beginning of a folder is `home`. Of a model in parts only the first is told; files that are the
// same one by links are told once; what is no model (projectors, broken files) is left out.
FoundFiles find_files(const std::vector<std::string>& folders, const std::string& home,
                      const WalkLimits& limits);

}  // namespace punctual::discovery
