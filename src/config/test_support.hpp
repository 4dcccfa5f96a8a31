// What the tests of this folder share. Tests only; fails the test where something is not as it must be.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/loader.hpp"

namespace punctual::config {

inline Environment variables(Environment::Variables all) {
  return Environment(std::move(all));
}

// One line for each error; empty when there is none.
inline std::string all_errors(const Loaded& loaded) {
  std::string text;
  if (loaded) return text;
  for (const ConfigurationError& error : loaded.error())
    text.append(error.text()).append("\n");
  return text;
}

inline std::vector<std::string> errors_of(std::string_view toml_text, const Environment& environment = {}) {
  const auto loaded = load(toml_text, "test.toml", environment);
  std::vector<std::string> texts;
  if (loaded) return texts;
  for (const ConfigurationError& error : loaded.error())
    texts.push_back(error.text());
  return texts;
}

// A file of its own that is gone at the end.
class TemporaryFile {
 public:
  TemporaryFile(std::string_view text, mode_t mode) : path_(testing::TempDir() + "punctual_XXXXXX") {
    const int file = ::mkstemp(path_.data());
    EXPECT_GE(file, 0);
    EXPECT_EQ(::write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    EXPECT_EQ(::fchmod(file, mode), 0);
    ::close(file);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { ::unlink(path_.c_str()); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace punctual::config
