#include "wire/transcript.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

namespace punctual::wire {

namespace {

constexpr std::array actions_with_text = {
    "client sends",   "client receives",   "client receives same body",
    "upstream sends", "upstream receives", "upstream receives same body",
    "record"};
constexpr std::array actions_alone = {"client open",      "client closed",     "client reset",
                                      "client connects",  "client closes",     "upstream closes",
                                      "upstream resets",  "upstream gone",     "upstream kept",
                                      "upstream refuses", "upstream untouched"};
constexpr std::array actions_with_value = {"wait"};

template <class Names>
bool known(const Names& names, std::string_view name) {
  return std::ranges::any_of(names, [name](std::string_view one) { return one == name; });
}

class FileReader {
 public:
  FileReader(std::string name, std::vector<Case>& cases) : name_(std::move(name)), cases_(cases) {}

  // The error, or nothing.
  std::string read(std::ifstream& file) {
    for (std::string line; error_.empty() && std::getline(file, line);) {
      ++line_;
      if (line.starts_with('#')) continue;
      if (line.starts_with("== ")) {
        end_step();
        begin_case(line.substr(3));
      } else if (line.starts_with("-- ")) {
        end_step();
        begin_step(line.substr(3));
      } else if (step_open_) {
        lines_.push_back(line);
      } else if (!line.empty()) {
        fail("text that belongs to no step");
      }
    }
    end_step();
    return error_;
  }

 private:
  void fail(const std::string& what) {
    if (error_.empty()) error_ = name_ + ":" + std::to_string(line_) + ": " + what;
  }

  void begin_case(const std::string& title) {
    Case made;
    made.file = name_;
    made.name = name_.substr(0, name_.size() - 4) + "/" + title;
    cases_.push_back(std::move(made));
    has_case_ = true;
  }

  void begin_step(const std::string& action) {
    if (!has_case_) return fail("a step before the first case");
    if (action == "as written") {
      cases_.back().as_written = true;
      return;
    }
    step_ = {};
    step_.line = line_;
    step_.action = action;
    if (const auto space = action.rfind(' '); known(actions_with_value, action.substr(0, space))) {
      step_.action = action.substr(0, space);
      step_.value = action.substr(space + 1);
    } else if (action != "gateway" && !known(actions_with_text, action) && !known(actions_alone, action)) {
      return fail("an unknown step: " + action);
    }
    step_open_ = true;
  }

  void end_step() {
    if (!std::exchange(step_open_, false)) return;
    const auto lines = std::exchange(lines_, {});
    if (step_.action == "gateway") {
      for (const auto& line : lines)
        cases_.back().configuration += line + "\n";
      return;
    }
    auto text = TextPattern::parse(lines);
    if (!text) return fail(text.error());
    if (step_.action.ends_with("sends") && !text->plain()) return fail("wildcards cannot be sent");
    step_.text = std::move(*text);
    cases_.back().steps.push_back(std::move(step_));
  }

  std::string name_;
  std::vector<Case>& cases_;
  std::string error_;
  std::vector<std::string> lines_;
  Step step_;
  int line_ = 0;
  bool has_case_ = false;
  bool step_open_ = false;
};

}  // namespace

std::expected<std::vector<Case>, std::string> load_cases(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  std::vector<Case> cases;
  for (const auto& path : paths) {
    std::ifstream file(path);
    const auto error = FileReader(fs::relative(path, folder).generic_string(), cases).read(file);
    if (!error.empty()) return std::unexpected(error);
  }
  return cases;
}

}  // namespace punctual::wire
