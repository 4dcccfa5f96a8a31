#include "ui/assets.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace punctual::ui {

namespace {

#include "ui/assets_table.inc"

constexpr auto media_types = std::to_array<std::pair<std::string_view, std::string_view>>({
    {".css", "text/css; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".png", "image/png"},
    {".svg", "image/svg+xml"},
    {".webmanifest", "application/manifest+json"},
    {".woff2", "font/woff2"},
});

}  // namespace

std::span<const Asset> embedded_assets() {
  return table;
}

const Asset* find_asset(std::span<const Asset> assets, std::string_view path) {
  const auto found = std::ranges::lower_bound(assets, path, {}, &Asset::path);
  return found != assets.end() && found->path == path ? &*found : nullptr;
}

std::string_view media_type_of(std::string_view path) {
  for (const auto& [ending, type] : media_types) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

}  // namespace punctual::ui
