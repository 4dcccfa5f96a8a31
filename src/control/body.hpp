// Members of a request's body, read strictly: each mistake names the field, what it is and what would be
// right.
#pragma once

#include <boost/json.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings/error.hpp"

namespace punctual::control {

class Body {
 public:
  explicit Body(const boost::json::object& object) : object_(object) {}

  // Absent and null are nothing; another type is reported.
  std::optional<std::string> text(std::string_view name);
  std::optional<bool> flag(std::string_view name);
  std::optional<std::int64_t> whole_number(std::string_view name);
  std::optional<double> number(std::string_view name);
  std::optional<std::vector<std::string>> texts(std::string_view name);
  // As text; reports when it is absent.
  std::string required_text(std::string_view name);

  // Reports every member that is none of those asked for.
  void finish();

  void report(std::string_view name, std::string message) {
    errors_.push_back({std::string(name), std::move(message)});
  }
  bool good() const { return errors_.empty(); }
  // Of kind invalid, with all fields.
  settings::Error error() const;

 private:
  const boost::json::value* find(std::string_view name);

  const boost::json::object& object_;
  std::vector<std::string_view> known_;
  std::vector<settings::FieldError> errors_;
};

}  // namespace punctual::control
