#include "routing/matcher.hpp"

#include <re2/re2.h>

#include <utility>

namespace punctual::routing {

namespace {

constexpr std::int64_t regex_bytes_max = 1 << 20;

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

std::expected<std::shared_ptr<const re2::RE2>, std::string> compile_regex(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(regex_bytes_max);
  auto regex = std::make_shared<const re2::RE2>(piece(pattern), options);
  if (!regex->ok()) return std::unexpected("is no regular expression of RE2: " + regex->error());
  return regex;
}

}  // namespace

std::expected<Matcher, std::string> Matcher::compile(config::Match match, std::string_view pattern) {
  switch (match) {
    case config::Match::exact:
      break;
    case config::Match::prefix:
      return Matcher(Prefix{std::string(pattern)});
    case config::Match::glob: {
      auto glob = Glob::compile(pattern);
      if (!glob) return std::unexpected(std::move(glob.error()));
      return Matcher(std::move(*glob));
    }
    case config::Match::regex: {
      auto regex = compile_regex(pattern);
      if (!regex) return std::unexpected(std::move(regex.error()));
      return Matcher(std::move(*regex));
    }
  }
  return Matcher(Exact{std::string(pattern)});
}

bool Matcher::matches(std::string_view model) const {
  if (const auto* exact = std::get_if<Exact>(&pattern_)) return model == exact->text;
  if (const auto* prefix = std::get_if<Prefix>(&pattern_)) return model.starts_with(prefix->text);
  if (const auto* glob = std::get_if<Glob>(&pattern_)) return glob->matches(model);
  return re2::RE2::FullMatch(piece(model), *std::get<Regex>(pattern_));
}

}  // namespace punctual::routing
