// A TOML text as plain values with their lines; the only way in to the TOML library.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/configuration_error.hpp"

namespace punctual::config {

struct Value;
struct Member;
using List = std::vector<Value>;
using Table = std::vector<Member>;  // in the order of their keys; no key twice

struct DateTime {};  // no setting is one, so its value is not kept

struct Value {
  std::variant<std::string, std::int64_t, double, bool, List, Table, DateTime> data;
  int line = 0;
};

struct Member {
  std::string key;
  Value value;
  int line = 0;
};

// What `value` is, as errors say it: "text", "a list".
std::string_view kind_of(const Value& value);

std::expected<Table, ConfigurationError> parse_document(std::string_view toml_text,
                                                        std::string_view file_name);

}  // namespace punctual::config
