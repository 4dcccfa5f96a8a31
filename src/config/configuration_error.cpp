#include "config/configuration_error.hpp"

namespace punctual::config {

std::string ConfigurationError::text() const {
  std::string text = file;
  if (line > 0) text.append(":").append(std::to_string(line));
  for (const std::string* part : {&key, &message}) {
    if (part->empty()) continue;
    if (!text.empty()) text.append(": ");
    text.append(*part);
  }
  return text;
}

}  // namespace punctual::config
