// Which coding of a content a client wants (RFC 9110, section 12.5.3).
#pragma once

#include <cstdint>
#include <string_view>

namespace punctual::ui {

enum class Coding : std::uint8_t { identity, brotli, gzip };

struct Available {
  bool brotli = false;
  bool gzip = false;
};

// The one that the field ranks highest; among equals the smallest: br, gzip, none. What cannot be read of the
// field counts as not said; a client that refuses everything gets identity.
Coding choose_coding(std::string_view accept_encoding, Available available);

}  // namespace punctual::ui
