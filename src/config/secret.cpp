#include "config/secret.hpp"

#include <cstring>

namespace punctual::config {

Secret::~Secret() {
  explicit_bzero(text_.data(), text_.size());
}

}  // namespace punctual::config
