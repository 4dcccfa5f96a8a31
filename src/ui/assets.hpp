// The files of the web UI, held in the program for as long as it runs. Immutable: any thread.
#pragma once

#include <span>
#include <string_view>

namespace punctual::ui {

struct Asset {
  std::string_view path;  // "/ui/index.html"
  std::string_view tag;   // of the content
  bool immutable;         // its name changes with its content
  std::string_view identity;
  std::string_view brotli;  // empty: there is none
  std::string_view gzip;
};

// Sorted by path.
std::span<const Asset> embedded_assets();

// nullptr: there is none at that path.
const Asset* find_asset(std::span<const Asset> assets, std::string_view path);

// By the file's ending; "application/octet-stream" where it is not known.
std::string_view media_type_of(std::string_view path);

}  // namespace punctual::ui
