#include "sim/routes.hpp"

#include <array>

namespace punctual::sim {

namespace {

struct Place {
  std::string_view path;
  Route route;
};

constexpr std::array places = {
    Place{"/chat/completions", Route::chat}, Place{"/completions", Route::completions},
    Place{"/embeddings", Route::embeddings}, Place{"/messages", Route::messages},
    Place{"/models", Route::models},         Place{"/health", Route::health},
    Place{"/stats", Route::stats},
};

}  // namespace

Route route_of(std::string_view& path) {
  if (path.starts_with("/v1/")) path.remove_prefix(3);
  for (const auto& place : places) {
    if (place.path == path) return place.route;
  }
  return path.starts_with(model_prefix) && path != model_prefix ? Route::model : Route::none;
}

std::string_view method_of(Route route) {
  switch (route) {
    case Route::chat:
    case Route::completions:
    case Route::embeddings:
    case Route::messages:
      return "POST";
    default:
      return "GET";
  }
}

}  // namespace punctual::sim
