#include "requestlog/redact.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace punctual::requestlog {

namespace {

struct Pattern {
  const char* kind;
  const char* text;
};

// In this order: a token in a header is one thing, not the JWT in it; a private key may hold anything.
constexpr std::array<Pattern, 7> patterns = {{
    // A block without its end (cut, or quoted in part) goes up to where base64 ends.
    {"private_key",
     R"((?s)-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:.*?-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\]*))"},
    {"jwt", R"(\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)"},
    {"bearer", R"((?i)\bbearer\s+[A-Za-z0-9._~+/-]{16,}=*)"},
    {"api_key",
     R"(\b(?:sk|pk|rk|gsk|xai|hf|ghp|gho|ghu|ghs|ghr|github_pat|glpat|xox[abprs]|AIza|SG)[-_.A-Za-z0-9]?[-_.A-Za-z0-9]{19,})"},
    {"aws_key", R"(\b(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{16}\b)"},
    {"aws_key", R"((?i)aws[_-]?secret[_-]?(?:access[_-]?)?key["']?\s*[:=]\s*["']?[A-Za-z0-9/+=]{40})"},
    {"email",
     R"(\b[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}\b)"},
}};

struct Compiled {
  std::string replacement;
  std::unique_ptr<const re2::RE2> regex;
};

std::vector<Compiled> compile() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  std::vector<Compiled> compiled;
  compiled.reserve(patterns.size());
  for (const auto& [kind, text] : patterns)
    compiled.push_back(
        {std::string("[redacted:") + kind + "]", std::make_unique<const re2::RE2>(text, options)});
  return compiled;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool has_check_digit(std::string_view digits) {
  unsigned int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    auto value = static_cast<unsigned int>(digits[digits.size() - 1 - i] - '0');
    if (i % 2 == 1) value = value * 2 > 9 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  return sum % 10 == 0;
}

// The issuers' ranges: without them every tenth long number would be one.
bool is_card(std::string_view digits) {
  if (digits.size() < 13 || digits.size() > 19 || !has_check_digit(digits)) return false;
  const int two = (digits[0] - '0') * 10 + (digits[1] - '0');
  const bool visa = digits[0] == '4' && (digits.size() == 13 || digits.size() == 16 || digits.size() == 19);
  const bool mastercard = digits.size() == 16 && ((two >= 51 && two <= 55) || (two >= 22 && two <= 27));
  const bool american_express = digits.size() == 15 && (two == 34 || two == 37);
  const bool diners = digits.size() == 14 && (two == 30 || two == 36 || two == 38 || two == 39);
  const bool others = digits.size() >= 16 && (two == 35 || two == 60 || two == 62 || two == 64 || two == 65);
  return visa || mastercard || american_express || diners || others;
}

// How much of the beginning of `text`, which is a digit, is the number of a card: digits in groups, with a
// space or dash between two of them. 0: it is none.
std::size_t card_size(std::string_view text) {
  std::string digits;
  std::size_t found = 0;
  for (std::size_t at = 0; at <= text.size() && digits.size() <= 19; ++at) {
    const bool digit = at < text.size() && is_digit(text[at]);
    if (digit) {
      digits.push_back(text[at]);
      continue;
    }
    if (!is_digit(text[at - 1])) break;
    if (is_card(digits)) found = at;
    if (at == text.size() || (text[at] != ' ' && text[at] != '-')) break;
  }
  return found;
}

std::string without_cards(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (!is_digit(text.front())) {
      out.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    std::size_t size = card_size(text);
    if (size > 0) {
      out.append("[redacted:card]");
    } else {
      size = static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
      out.append(text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  return out;
}

}  // namespace

std::string redact(std::string_view text) {
  static const std::vector<Compiled> compiled = compile();
  std::string out(text);
  for (const auto& [replacement, regex] : compiled)
    re2::RE2::GlobalReplace(&out, *regex, replacement);
  return without_cards(out);
}

}  // namespace punctual::requestlog
