#include "admission/api_keys.hpp"

#include <cstring>
#include <utility>

#include "base/text.hpp"

namespace punctual::admission {

std::size_t ApiKeys::FirstBytes::operator()(const secrets::TokenHash& hash) const {
  std::size_t first = 0;
  std::memcpy(&first, hash.data(), sizeof first);
  return first;
}

bool ApiKey::allows(std::string_view model) const {
  if (settings.models.empty()) return true;
  for (const std::string& name : settings.models) {
    if (name == model) return true;
  }
  for (const routing::Glob& pattern : patterns) {
    if (pattern.matches(model)) return true;
  }
  return false;
}

ApiKeys::Built ApiKeys::build(std::vector<ApiKeySettings> all, const ApiKeys* before, deadline::Instant now) {
  Built built;
  std::unordered_map<std::string, std::shared_ptr<KeyMeters>> meters;
  if (before) {
    for (const auto& [hash, key] : before->by_hash_)
      meters.emplace(key.settings.id, key.meters);
  }
  const auto keys = std::make_shared<ApiKeys>();
  for (ApiKeySettings& settings : all) {
    ApiKey key;
    const auto kept = meters.find(settings.id);
    key.meters = kept == meters.end() ? std::make_shared<KeyMeters>() : kept->second;
    key.meters->requests.set_rate(settings.requests_per_minute.value_or(0), now);
    key.meters->tokens.set_rate(settings.tokens_per_minute.value_or(0), now);
    for (const std::string& model : settings.models) {
      auto pattern = routing::Glob::compile(model);
      if (pattern) {
        key.patterns.push_back(std::move(*pattern));
      } else {
        built.problems.push_back("API key " + settings.name + ": the pattern " + model + ": " +
                                 pattern.error());
      }
    }
    key.settings = std::move(settings);
    const auto hash = key.settings.hash;
    keys->by_hash_.insert_or_assign(hash, std::move(key));
  }
  built.keys = keys;
  return built;
}

const ApiKey* ApiKeys::find(std::string_view presented) const {
  if (by_hash_.empty() || presented.empty() || presented.size() > secrets::token_bytes_max) return nullptr;
  const auto found = by_hash_.find(secrets::hash_of(secrets::Purpose::api_key, presented));
  return found == by_hash_.end() ? nullptr : &found->second;
}

std::vector<ApiKeys::Use> ApiKeys::uses_since(deadline::Instant since) const {
  std::vector<Use> uses;
  for (const auto& [hash, key] : by_hash_) {
    const auto used_at = key.meters->used_at.load(std::memory_order_relaxed);
    if (used_at == 0) continue;
    const deadline::Instant at{std::chrono::nanoseconds(used_at)};
    if (at >= since) uses.push_back({key.settings.id, at});
  }
  return uses;
}

std::string_view presented_key(std::string_view authorization, std::string_view x_api_key) {
  constexpr std::string_view scheme = "Bearer ";
  if (authorization.size() > scheme.size() &&
      base::equals_ignoring_case(authorization.substr(0, scheme.size()), scheme)) {
    const auto token = base::trimmed(authorization.substr(scheme.size()));
    if (!token.empty()) return token;
  }
  return base::trimmed(x_api_key);
}

}  // namespace punctual::admission
