// The heads of HTTP/1.1 messages (RFC 9112), as values whose text lives in the parser that made them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace punctual::http {

struct Header {
  std::string_view name;
  std::string_view value;
};

class Headers {
 public:
  // The first field of that name (case does not matter), or nullptr.
  const Header* find(std::string_view name) const;
  std::string_view value(std::string_view name) const;  // empty when there is none
  std::size_t count(std::string_view name) const;

  void add(std::string_view name, std::string_view value) { fields_.push_back({name, value}); }
  void clear() { fields_.clear(); }
  std::size_t size() const { return fields_.size(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  Header& last() { return fields_.back(); }
  // The text that the fields point into was copied to another place.
  void move_text(const char* from, const char* to);

 private:
  std::vector<Header> fields_;
};

struct RequestHead {
  std::string_view method;
  std::string_view target;  // as sent
  std::string_view path;    // the target without its query
  std::string_view query;   // without the question mark
  Headers headers;
  int minor_version = 1;
  bool keep_alive = true;
  bool has_body = false;
  bool expects_continue = false;
  std::optional<std::uint64_t> content_length;

  bool is(std::string_view name) const { return method == name; }
};

struct ResponseHead {
  int status = 0;
  std::string_view reason;
  Headers headers;
  bool chunked = false;
  std::optional<std::uint64_t> content_length;  // neither: the body ends with the connection
};

// Fields that belong to one connection and are never passed on (RFC 9110, section 7.6.1).
bool is_hop_by_hop(std::string_view name);

// Whether the Connection field of these headers names the field `name`, which is then not passed on either.
bool named_by_connection(const Headers& headers, std::string_view name);

}  // namespace punctual::http
