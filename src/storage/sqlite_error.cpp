#include <cerrno>

#include "storage/sqlite_statement.hpp"

namespace punctual::storage {

namespace {

ErrorKind kind_of(int code, int system_error) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorKind::busy;
    case SQLITE_FULL:
      return ErrorKind::full;
    case SQLITE_IOERR:
      return system_error == ENOSPC || system_error == EDQUOT ? ErrorKind::full : ErrorKind::unavailable;
    case SQLITE_CANTOPEN:
      return ErrorKind::unavailable;
    case SQLITE_CONSTRAINT:
      return code == SQLITE_CONSTRAINT_DATATYPE ? ErrorKind::internal : ErrorKind::constraint;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorKind::corrupt;
    case SQLITE_INTERRUPT:
      return ErrorKind::interrupted;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_TOOBIG:
      return ErrorKind::refused;
    default:
      return ErrorKind::internal;
  }
}

// "UNIQUE constraint failed: settings.section, settings.name": what follows the colon.
std::string constraint_in(int code, std::string_view message) {
  if (code == SQLITE_CONSTRAINT_FOREIGNKEY) return "foreign key";
  const auto colon = message.find(": ");
  return colon == std::string_view::npos ? std::string() : std::string(message.substr(colon + 2));
}

}  // namespace

Error sqlite_error(sqlite3* database, int code) {
  const int extended = database ? sqlite3_extended_errcode(database) : code;
  Error error;
  error.kind = kind_of(extended, database ? sqlite3_system_errno(database) : 0);
  error.message = database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  if (error.kind == ErrorKind::constraint) error.constraint = constraint_in(extended, error.message);
  return error;
}

}  // namespace punctual::storage
