// One thing that is wrong with the configuration, and what would be right.
#pragma once

#include <string>

namespace punctual::config {

struct ConfigurationError {
  std::string file;     // as it was given; "environment" for a variable
  int line = 0;         // from 1; 0 where there is none
  std::string key;      // "providers[0].base_url", or the variable's name; may be empty
  std::string message;  // "what is wrong: what would be right"

  // "punctual.toml:12: timeouts.chat_seconds: is text: write a number of seconds, such as 900 or 0.5".
  std::string text() const;
};

}  // namespace punctual::config
