#include "admission/key_policy.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace punctual::admission {

namespace {

std::string joined(const std::vector<std::string>& models) {
  constexpr std::size_t shown_max = 10;
  std::string text;
  for (std::size_t i = 0; i < models.size() && i < shown_max; ++i)
    text.append(i == 0 ? "" : ", ").append(models[i]);
  if (models.size() > shown_max) text += fmt::format(" and {} more", models.size() - shown_max);
  return text;
}

Refusal too_many(RefusalKind kind, const ApiKey& key, std::uint64_t per_minute, deadline::Duration wait) {
  const auto what = kind == RefusalKind::too_many_requests ? "requests" : "tokens";
  return {kind,
          fmt::format("the API key {} has used its {} {} per minute: try again in {:.1f} seconds",
                      key.settings.name, per_minute, what, std::max(deadline::seconds(wait), 0.1)),
          wait};
}

}  // namespace

std::expected<const ApiKey*, Refusal> identify(const ApiKeys& keys, KeyPolicy policy,
                                               std::string_view presented) {
  const ApiKey* key = keys.find(presented);
  if (key || !policy.required) return key;
  if (presented.empty()) {
    return std::unexpected(
        Refusal{RefusalKind::key_missing,
                "this gateway wants an API key: send one as `Authorization: Bearer KEY` or `x-api-key: KEY`",
                {}});
  }
  return std::unexpected(Refusal{
      RefusalKind::key_unknown,
      "the API key is not one of this gateway, or was revoked: send one that it made, not a provider's",
      {}});
}

std::expected<void, Refusal> admit(const ApiKey& key, std::string_view model, deadline::Instant now) {
  if (!key.allows(model)) {
    return std::unexpected(Refusal{RefusalKind::model_not_allowed,
                                   fmt::format("the API key {} may not use the model {}: it may use {}",
                                               key.settings.name, model, joined(key.settings.models)),
                                   {}});
  }
  KeyMeters& meters = *key.meters;
  const auto of_tokens = meters.tokens.wait(now);
  // A request that is refused for its tokens is not counted.
  const bool refused_already = of_tokens > deadline::Duration(0);
  const auto of_requests = refused_already ? meters.requests.wait(now) : meters.requests.take(now);
  if (of_requests > of_tokens) {
    return std::unexpected(
        too_many(RefusalKind::too_many_requests, key, meters.requests.per_minute(), of_requests));
  }
  if (refused_already)
    return std::unexpected(
        too_many(RefusalKind::too_many_tokens, key, meters.tokens.per_minute(), of_tokens));
  return {};
}

void settle(const ApiKey& key, std::uint64_t tokens, deadline::Instant now) {
  key.meters->tokens.take_anyway(tokens, now);
  key.meters->used_at.store(std::chrono::nanoseconds(now.time_since_epoch()).count(),
                            std::memory_order_relaxed);
}

}  // namespace punctual::admission
