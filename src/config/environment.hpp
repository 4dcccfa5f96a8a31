// The environment variables, as a value that is handed in: tests make their own.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace punctual::config {

class Environment {
 public:
  using Variables = std::map<std::string, std::string, std::less<>>;

  Environment() = default;
  explicit Environment(Variables variables) : variables_(std::move(variables)) {}

  // Those of this process, now: the only place that reads them.
  static Environment of_process();

  // nullptr when it is not set; set to nothing is an empty text.
  const std::string* find(std::string_view name) const;

  // For what ranks as high as the environment: an option of the command line.
  void set(std::string name, std::string value);

  const Variables& all() const { return variables_; }

 private:
  Variables variables_;
};

}  // namespace punctual::config
