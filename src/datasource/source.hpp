// A database that chats may read: where it is, who reads it, and how much of it one query may give.
//
// A plain value; immutable once it is part of a snapshot, so that any thread may read it. The password is in
// wiped memory only and reaches no text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/secret.hpp"
#include "deadline/clock.hpp"

namespace punctual::datasource {

enum class Kind : std::uint8_t { sqlite, postgresql };
enum class Tls : std::uint8_t {
  disable,
  require,      // encrypted; whoever answers
  verify_full,  // and the certificate is of the host, by the system's authorities
};

std::string_view name_of(Kind kind);
std::string_view name_of(Tls tls);
std::optional<Kind> parse_kind(std::string_view name);
std::optional<Tls> parse_tls(std::string_view name);

// What one query gives at most. What is left out is said.
struct Bounds {
  std::int64_t rows_max = 1000;
  std::int64_t bytes_max = 1048576;  // of the rows as JSON
  std::int64_t cell_bytes_max = 4096;

  bool operator==(const Bounds&) const = default;
};

struct Source {
  std::string id;
  std::string name;
  Kind kind = Kind::sqlite;
  bool enabled = true;

  std::string file;  // of sqlite: an absolute path

  std::string host;  // of postgresql: a name, an address, or the folder of its socket
  int port = 5432;
  std::string database;
  std::string user;
  Tls tls = Tls::verify_full;
  std::shared_ptr<const config::Secret> password;  // nullptr: none
  std::string password_problem;                    // why the stored one cannot be opened; empty: nothing

  double query_seconds = 30;
  Bounds bounds;
};

// What is wrong with a source, in the words of a form: the field and "is ...: give ...".
struct Problem {
  std::string field;
  std::string message;
};
// Looks at the value only, at no file and no server.
std::vector<Problem> problems_of(const Source& source);

}  // namespace punctual::datasource
