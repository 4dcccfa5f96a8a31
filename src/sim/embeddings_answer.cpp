// Embeddings: vectors that depend on the text alone, in thousandths so that JSON and base64 agree.
#include <bit>

#include "sim/script.hpp"

namespace punctual::sim {

namespace {

// FNV-1a, with a multiplicative finish so that neighbouring components differ.
std::uint64_t hash(std::string_view text, std::uint64_t component) {
  std::uint64_t value = 0xcbf29ce484222325u ^ (component * 0x9e3779b97f4a7c15u);
  for (const char c : text)
    value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return (value ^ (value >> 29)) * 0xbf58476d1ce4e5b9u;
}

// From -1000 to 1000.
int thousandths(std::string_view text, std::uint64_t component) {
  return static_cast<int>((hash(text, component) >> 20) % 2001) - 1000;
}

void append_decimal(std::string& out, int value) {
  if (value < 0) out += '-';
  const auto digits = std::to_string(1000 + (value < 0 ? -value : value));
  const bool one = digits[0] == '2';
  out += one ? "1." : "0.";
  out.append(digits, 1);
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = i; j < i + 3; ++j)
      group = group << 8 | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j)
      out += i + j > bytes.size() ? '=' : alphabet[group >> (18 - 6 * j) & 63];
  }
  return out;
}

void append_floats(std::string& out, const Ask& ask, std::string_view input) {
  std::string bytes;
  for (std::uint64_t i = 0; i < ask.dimensions; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(thousandths(input, i)) / 1000);
    for (int shift = 0; shift < 32; shift += 8)
      bytes += static_cast<char>(bits >> shift & 0xff);
  }
  out.append("\"").append(base64(bytes)).append("\"");
}

void append_list(std::string& out, const Ask& ask, std::string_view input) {
  out += '[';
  for (std::uint64_t i = 0; i < ask.dimensions; ++i) {
    if (i > 0) out += ',';
    append_decimal(out, thousandths(input, i));
  }
  out += ']';
}

}  // namespace

Document embeddings_document(const Ask& ask) {
  Document document;
  std::string& text = document.text;
  text = R"({"object":"list","data":[)";
  document.content = text.size();
  for (std::size_t i = 0; i < ask.inputs.size(); ++i) {
    if (i > 0) text += ',';
    text.append(R"({"object":"embedding","index":)").append(std::to_string(i)).append(R"(,"embedding":)");
    if (ask.base64) {
      append_floats(text, ask, ask.inputs[i]);
    } else {
      append_list(text, ask, ask.inputs[i]);
    }
    text += '}';
  }
  const auto tokens = std::to_string(ask.prompt_tokens);
  text += R"(],"model":)" + ask.model + R"(,"usage":{"prompt_tokens":)" + tokens + R"(,"total_tokens":)" +
          tokens + "}";
  if (!ask.echo.empty()) text += R"(,"echo":)" + ask.echo;
  text += '}';
  // White space between the members is as good as longer text.
  if (ask.behaviour.bytes > text.size()) text.insert(text.size() - 1, ask.behaviour.bytes - text.size(), ' ');
  return document;
}

}  // namespace punctual::sim
