#include "ui/coding.hpp"

#include <optional>

#include "base/text.hpp"

namespace punctual::ui {

namespace {

// "0.5" as 500; RFC 9110, section 12.4.2.
std::optional<int> weight_in(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int weight = (text[0] - '0') * 1000;
  if (text.size() == 1) return weight;
  if (text[1] != '.') return std::nullopt;
  int unit = 100;
  for (const char c : text.substr(2)) {
    if (c < '0' || c > '9') return std::nullopt;
    weight += (c - '0') * unit;
    unit /= 10;
  }
  return weight <= 1000 ? std::optional(weight) : std::nullopt;
}

struct Weights {
  std::optional<int> brotli;
  std::optional<int> gzip;
  std::optional<int> identity;
  std::optional<int> any;
};

void read_item(std::string_view item, Weights& weights) {
  const auto semicolon = item.find(';');
  const auto name = base::trimmed(item.substr(0, semicolon));
  int weight = 1000;
  if (semicolon != std::string_view::npos) {
    const auto parameter = base::trimmed(item.substr(semicolon + 1));
    if (!base::equals_ignoring_case(parameter.substr(0, 2), "q=")) return;
    const auto read = weight_in(parameter.substr(2));
    if (!read) return;
    weight = *read;
  }
  if (base::equals_ignoring_case(name, "br")) {
    weights.brotli = weight;
  } else if (base::equals_ignoring_case(name, "gzip") || base::equals_ignoring_case(name, "x-gzip")) {
    weights.gzip = weight;
  } else if (base::equals_ignoring_case(name, "identity")) {
    weights.identity = weight;
  } else if (name == "*") {
    weights.any = weight;
  }
}

}  // namespace

Coding choose_coding(std::string_view accept_encoding, Available available) {
  Weights weights;
  while (!accept_encoding.empty())
    read_item(base::take_item(accept_encoding, ','), weights);
  const int other = weights.any.value_or(0);
  const int brotli = available.brotli ? weights.brotli.value_or(other) : 0;
  const int gzip = available.gzip ? weights.gzip.value_or(other) : 0;
  // Where identity is not named it is allowed, but what is named is preferred to it.
  const int identity = weights.identity.value_or(0);
  if (brotli > 0 && brotli >= gzip && brotli >= identity) return Coding::brotli;
  if (gzip > 0 && gzip >= identity) return Coding::gzip;
  return Coding::identity;
}

}  // namespace punctual::ui
