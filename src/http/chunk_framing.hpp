// Watches what stands between the bytes of a chunked body (RFC 9112, section 7.1) and refuses what is not
// plain.
//
// llhttp alone takes some of it loosely (8.1.0: a last line that ends with a bare LF, folded trailers), and a
// body whose end two parsers see at different places is how requests are smuggled. It is fed the framing
// without the content: size lines with extensions, line ends, trailers. Every byte of it must be in its
// place.
#pragma once

#include <cstdint>
#include <string_view>

namespace punctual::http {

class ChunkFraming {
 public:
  // The next bytes of framing. False from the first violation on.
  bool feed(std::string_view framing);

  std::string_view violation() const { return violation_; }  // for people; empty: none
  void reset() { *this = {}; }

 private:
  enum class State : std::uint8_t {
    size_start,
    size,
    extension,
    size_end,
    data_end,
    data_end_line_feed,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_end,
    last_line_feed,
    done
  };

  void feed_size(char c);
  void feed_trailer(char c);
  void expect(char c, char wanted, State next);
  void refuse(std::string_view violation) { violation_ = violation; }

  State state_ = State::size_start;
  bool last_ = true;  // only zeros so far in this size
  std::string_view violation_;
};

}  // namespace punctual::http
