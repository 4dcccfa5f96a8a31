#include "queryaudit/link_hash.hpp"

#include <sodium.h>

#include <array>

namespace punctual::queryaudit {

namespace {

// Every field with its length, so that no two contents have the same bytes.
class Content {
 public:
  explicit Content(std::string_view kind) {
    text("punctual-query-chain-1");
    text(kind);
  }

  Content& text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    bytes_.append(value);
    return *this;
  }
  Content& number(std::int64_t value) {
    for (int i = 0; i < 8; ++i)
      bytes_.push_back(static_cast<char>((static_cast<std::uint64_t>(value) >> (8 * i)) & 0xff));
    return *this;
  }
  std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace

std::string_view LinkHash::origin() {
  return "0000000000000000000000000000000000000000000000000000000000000000";
}

std::string LinkHash::keyed(std::string_view content) const {
  std::array<unsigned char, 32> hash{};
  const auto key = key_.reveal();
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(content.data()),
                     content.size(), key.data(), key.size());
  std::string text(hash.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
  text.pop_back();
  return text;
}

std::string LinkHash::of_start(std::int64_t id, std::string_view before, const Started& started) const {
  Content content("start");
  content.number(id).text(before).number(started.at).number(started.until).text(started.user);
  content.text(started.model).text(started.chat_id).text(started.request_id).number(started.round);
  content.text(started.data_source).text(started.kind).text(started.tool).text(started.statement);
  content.text(started.reason);
  return keyed(content.bytes());
}

std::string LinkHash::of_end(std::int64_t place, std::string_view before, std::int64_t id,
                             std::string_view start_hash, const Finished& finished) const {
  Content content("end");
  content.number(place).text(before).number(id).text(start_hash).number(finished.at);
  content.text(name_of(finished.outcome)).number(finished.rows).number(finished.bytes);
  content.number(finished.truncated ? 1 : 0).number(finished.duration_us).text(finished.error);
  content.text(finished.result_hash);
  return keyed(content.bytes());
}

std::string LinkHash::of_head(std::int64_t links, std::string_view head) const {
  Content content("head");
  content.number(links).text(head);
  return keyed(content.bytes());
}

bool same_hash(std::string_view left, std::string_view right) {
  return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace punctual::queryaudit
