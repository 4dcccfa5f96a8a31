// Whether a request may be made with the key that it presents. Pure rules; the gateway makes HTTP out of
// them.
//
// In order: `identify` when the head is there (401), `admit` when the model is known (403, then 429),
// `settle` when the answer has ended. Without a required key, one that is not ours is ignored: SDKs always
// send some. A known key's limits hold in any case. No message holds a key.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "admission/api_keys.hpp"
#include "deadline/clock.hpp"

namespace punctual::admission {

struct KeyPolicy {
  bool required = false;
};

enum class RefusalKind : std::uint8_t {
  key_missing,        // 401
  key_unknown,        // 401: never was one, or is revoked
  model_not_allowed,  // 403
  too_many_requests,  // 429
  too_many_tokens,    // 429
};

struct Refusal {
  RefusalKind kind = RefusalKind::key_missing;
  std::string message;               // what is wrong: what would be right
  deadline::Duration retry_after{};  // of the 429s: from now, when it would be admitted if nobody else comes
};

// nullptr: nobody in particular, and without limits of a key.
std::expected<const ApiKey*, Refusal> identify(const ApiKeys& keys, KeyPolicy policy,
                                               std::string_view presented);

// Counts the request if it is admitted, and only then.
std::expected<void, Refusal> admit(const ApiKey& key, std::string_view model, deadline::Instant now);

// What the request used, counted when that is known; and that the key was used.
void settle(const ApiKey& key, std::uint64_t tokens, deadline::Instant now);

}  // namespace punctual::admission
