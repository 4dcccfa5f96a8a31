// The keyed hashes of the chain: BLAKE2b-256 over a link's place, the hash before it, and its whole content.
//
// Who has no key can neither make a link nor move one. Immutable; any thread. Hashes are hexadecimal text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "queryaudit/record.hpp"
#include "secrets/key.hpp"

namespace punctual::queryaudit {

class LinkHash {
 public:
  explicit LinkHash(secrets::Key key) : key_(std::move(key)) {}

  // Before the first link.
  static std::string_view origin();

  // That it began; its place is its id.
  std::string of_start(std::int64_t id, std::string_view before, const Started& started) const;
  // That it ended.
  std::string of_end(std::int64_t place, std::string_view before, std::int64_t id,
                     std::string_view start_hash, const Finished& finished) const;
  // How long the chain is, and its last hash: without it the newest could be removed unseen.
  std::string of_head(std::int64_t links, std::string_view head) const;

 private:
  std::string keyed(std::string_view content) const;

  secrets::Key key_;
};

// In a time that does not depend on the contents.
bool same_hash(std::string_view left, std::string_view right);

}  // namespace punctual::queryaudit
