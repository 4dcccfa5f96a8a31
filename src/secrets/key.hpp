// 32 bytes of key material in memory that is locked, guarded, never swapped and wiped at its end.
//
// Owns its bytes; moves, does not copy, cannot be printed or compared. `reveal` is the only way to the bytes.
// Immutable once made, so that any thread may read it.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string_view>

#include "secrets/error.hpp"

namespace punctual::secrets {

class Key {
 public:
  static constexpr std::size_t bytes = 32;
  using Bytes = std::span<const unsigned char, bytes>;

  static std::expected<Key, Error> random();

  // 64 hex digits, or base64 (either alphabet, padded or not) of 32 bytes; space around it is not counted.
  // The message does not name where the text is from: the caller puts that before it.
  static std::expected<Key, Error> parse(std::string_view text);

  // `fill` writes the bytes and says whether it could.
  template <class Fill>
  static std::expected<Key, Error> make(Fill fill) {
    auto key = allocate();
    if (key && !fill(std::span<unsigned char, bytes>(key->data_.get(), bytes)))
      return std::unexpected(Error{ErrorKind::unavailable, "no memory to compute a key in: free some"});
    if (key) key->freeze();
    return key;
  }

  Bytes reveal() const { return Bytes(data_.get(), bytes); }

 private:
  struct Free {
    void operator()(unsigned char* data) const;
  };

  Key() = default;
  static std::expected<Key, Error> allocate();
  void freeze();

  std::unique_ptr<unsigned char[], Free> data_;
};

}  // namespace punctual::secrets
