// What can be wrong with keys and sealed texts. A message names what is wrong and what would be right; it
// never holds a key, a passphrase or a part of one.
#pragma once

#include <cstdint>
#include <string>

namespace punctual::secrets {

enum class ErrorKind : std::uint8_t {
  missing_key,       // there is no master key where there must be one
  invalid_key,       // what is given as a master key cannot be one, or others can read it
  wrong_master_key,  // it is a key, but not the one that this vault was closed with
  corrupt,           // the stored bytes are not what was stored
  unavailable,       // the system gave no memory, no file, no random bytes
};

struct Error {
  ErrorKind kind = ErrorKind::unavailable;
  std::string message;
};

}  // namespace punctual::secrets
