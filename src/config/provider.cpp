#include "config/provider.hpp"

namespace punctual::config {

std::string_view name_of(Auth auth) {
  switch (auth) {
    case Auth::bearer:
      return "bearer";
    case Auth::x_api_key:
      return "x-api-key";
    case Auth::api_key:
      return "api-key";
    case Auth::none:
      return "none";
  }
  return "unknown";
}

}  // namespace punctual::config
