#include "access/error.hpp"

namespace punctual::access {

std::string_view name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return "invalid";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::forbidden:
      return "forbidden";
    case ErrorKind::too_many:
      return "too_many";
    case ErrorKind::unauthenticated:
      return "unauthenticated";
    case ErrorKind::unavailable:
      return "unavailable";
  }
  return "unknown";
}

Error error_of(const storage::Error& error) {
  // Two processes that made the same name at once: the database noticed.
  if (error.kind == storage::ErrorKind::constraint)
    return {
        ErrorKind::conflict, "", "somebody else made or removed the same just now: look, and try again", {}};
  return {ErrorKind::unavailable, "", "the database does not do it (" + error.message + "): try again", {}};
}

Error error_of(const secrets::Error& error) {
  return {ErrorKind::unavailable, "", error.message, {}};
}

}  // namespace punctual::access
