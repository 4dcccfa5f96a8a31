// The answers below /ui and at /. Whoever sends one adds what belongs to the connection.
//
// Everything in an answer lives as long as the program, but for `etag`. Any thread; nothing waits.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ui/assets.hpp"

namespace punctual::ui {

struct PageRequest {
  std::string_view path;  // without the query
  std::string_view accept_encoding;
  std::string_view if_none_match;
};

struct PageAnswer {
  int status = 200;             // 200, 302, 304 or 404
  std::string_view media_type;  // empty: there is no body
  std::string_view location;    // empty: none; so for all below
  std::string_view coding;
  std::string_view caching;
  std::string etag;
  bool varies = false;  // by Accept-Encoding
  std::string_view body;
};

struct Field {
  std::string_view name;
  std::string_view value;
};

// On every answer.
std::span<const Field> page_security_fields();

// Whether this module answers for the path: "/", "/ui" and what is below.
bool owns(std::string_view path);

// `assets` sorted by path.
PageAnswer answer_page(std::span<const Asset> assets, const PageRequest& request);
inline PageAnswer answer_page(const PageRequest& request) {
  return answer_page(embedded_assets(), request);
}

}  // namespace punctual::ui
