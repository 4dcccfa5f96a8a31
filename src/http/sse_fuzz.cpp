// Any bytes as an event stream: scanning it in pieces, whose sizes the first bytes choose, finds the same
// events as scanning it whole.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "http/sse.hpp"

namespace {

using namespace punctual::http;

void require(bool condition) {
  if (!condition) std::abort();
}

std::vector<std::string> scan(std::string_view bytes, std::string_view sizes, std::string& unfinished) {
  std::vector<std::string> events;
  for (std::size_t turn = 0; !bytes.empty(); ++turn) {
    std::size_t count = bytes.size();
    if (!sizes.empty())
      count = std::min<std::size_t>(count, static_cast<std::uint8_t>(sizes[turn % sizes.size()]) % 37 + 1);
    const std::size_t scanned = unfinished.size();
    unfinished.append(bytes.substr(0, count));
    bytes.remove_prefix(count);
    SseEvents scanner(unfinished, scanned);
    std::string_view event;
    while (scanner.next(event)) {
      require(event.ends_with('\n'));
      events.emplace_back(event);
    }
    unfinished.erase(0, scanner.consumed());
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const auto sizes = all.substr(0, 8);
  const auto bytes = all.substr(sizes.size());
  std::string whole_rest;
  std::string rest;
  const auto whole = scan(bytes, {}, whole_rest);
  require(scan(bytes, sizes, rest) == whole);
  require(rest == whole_rest);
  std::string joined;
  std::string together;
  for (const auto& event : whole) {
    together += event;
    const auto fields = sse_fields(event, joined);
    require(fields.has_data || fields.data.empty());
    require(fields.event.find('\n') == std::string_view::npos);
  }
  require(together + whole_rest == bytes);
  return 0;
}
