// For tests: GGUF files, written piece by piece. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace punctual::pool {

class GgufText {
 public:
  std::uint32_t version = 3;

  GgufText& text(std::string_view key, std::string_view value) {
    begin(key, 8);
    put_text(values_, value);
    return *this;
  }
  GgufText& number(std::string_view key, std::uint32_t value) {
    begin(key, 4);
    put(values_, value, 4);
    return *this;
  }
  GgufText& boolean(std::string_view key, bool value) {
    begin(key, 7);
    put(values_, value ? 1 : 0, 1);
    return *this;
  }
  GgufText& numbers(std::string_view key, const std::vector<std::uint32_t>& all) {
    begin_array(key, 4, all.size());
    for (const auto value : all)
      put(values_, value, 4);
    return *this;
  }
  GgufText& texts(std::string_view key, const std::vector<std::string>& all) {
    begin_array(key, 8, all.size());
    for (const auto& value : all)
      put_text(values_, value);
    return *this;
  }
  // An array of which only the head is there.
  GgufText& begin_array(std::string_view key, std::uint32_t type, std::uint64_t count) {
    begin(key, 9);
    put(values_, type, 4);
    put(values_, count, 8);
    return *this;
  }
  GgufText& tensor(std::string_view name, const std::vector<std::uint64_t>& lengths, std::uint32_t type,
                   std::uint64_t offset) {
    ++tensor_count_;
    put_text(tensors_, name);
    put(tensors_, lengths.size(), 4);
    for (const auto length : lengths)
      put(tensors_, length, 8);
    put(tensors_, type, 4);
    put(tensors_, offset, 8);
    return *this;
  }

  // With so many bytes of tensors behind it, after padding to 32.
  std::string bytes(std::uint64_t data_bytes = 0) const {
    std::string all = "GGUF";
    put(all, version, 4);
    put(all, tensor_count_, 8);
    put(all, value_count_, 8);
    all += values_ + tensors_;
    all.resize((all.size() + 31) / 32 * 32 + data_bytes);
    return all;
  }

 private:
  static void put(std::string& to, std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i)
      to.push_back(static_cast<char>(value >> (8 * i) & 0xff));
  }
  static void put_text(std::string& to, std::string_view text) {
    put(to, text.size(), 8);
    to.append(text);
  }
  void begin(std::string_view key, std::uint32_t type) {
    ++value_count_;
    put_text(values_, key);
    put(values_, type, 4);
  }

  std::string values_;
  std::string tensors_;
  std::uint64_t value_count_ = 0;
  std::uint64_t tensor_count_ = 0;
};

}  // namespace punctual::pool
