// Any bytes as the stream of a model's answer: fed in pieces, whose sizes the first bytes choose, it is the
// same answer as fed whole, and never more than its bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "chat/model_answer.hpp"

namespace {

using namespace punctual;
using chat::ModelAnswer;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto sizes = bytes.substr(0, 8);
  bytes.remove_prefix(sizes.size());
  json::Reader reader;
  std::vector<ModelAnswer::Delta> deltas;
  std::vector<ModelAnswer::Delta> pieces;
  ModelAnswer whole(reader);
  ModelAnswer split(reader);
  whole.feed(bytes, deltas);
  for (std::size_t turn = 0; !bytes.empty() && !split.ended(); ++turn) {
    const auto count =
        std::min<std::size_t>(bytes.size(), static_cast<std::uint8_t>(sizes[turn % sizes.size()]) % 37 + 1);
    split.feed(bytes.substr(0, count), pieces);
    bytes.remove_prefix(count);
  }
  require(whole.text() == split.text());
  require(whole.finish_reason() == split.finish_reason());
  require(whole.done() == split.done() && whole.error() == split.error() &&
          whole.problem() == split.problem());
  require(whole.calls().size() == split.calls().size() && whole.calls().size() <= ModelAnswer::calls_max);
  for (std::size_t i = 0; i < whole.calls().size(); ++i)
    require(whole.calls()[i].arguments == split.calls()[i].arguments &&
            whole.calls()[i].name == split.calls()[i].name);
  std::string told;
  for (const auto& delta : deltas)
    told += delta.text;
  require(told == whole.text());
  require(whole.text().size() <= ModelAnswer::bytes_max);
  return 0;
}
