#include "storage/error.hpp"

namespace punctual::storage {

std::string_view name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::unavailable:
      return "unavailable";
    case ErrorKind::busy:
      return "busy";
    case ErrorKind::full:
      return "full";
    case ErrorKind::constraint:
      return "constraint";
    case ErrorKind::corrupt:
      return "corrupt";
    case ErrorKind::interrupted:
      return "interrupted";
    case ErrorKind::refused:
      return "refused";
    case ErrorKind::internal:
      break;
  }
  return "internal";
}

}  // namespace punctual::storage
