// The API keys as the data path sees them: one immutable snapshot that all cores share.
//
// A request keeps the snapshot for as long as it uses a key of it (a limit's source names the key). Meters
// are shared with the snapshot before, by the id of the key, so that a change of a setting forgives nobody.
// `find` computes one hash and allocates nothing. Only hashes of keys are here.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "admission/meter.hpp"
#include "deadline/clock.hpp"
#include "routing/glob.hpp"
#include "secrets/token.hpp"

namespace punctual::admission {

struct KeyMeters {
  Meter requests;
  Meter tokens;
  std::atomic<std::int64_t> used_at = 0;  // when a request of it ended, in nanoseconds of Instant; 0: never
};

// One key as it is stored.
struct ApiKeySettings {
  std::string id;
  secrets::TokenHash hash{};
  std::string name;
  std::vector<std::string> models;  // names or globs; empty: all
  std::optional<std::uint64_t> requests_per_minute;
  std::optional<std::uint64_t> tokens_per_minute;
  std::optional<deadline::Duration> deadline_max;
};

struct ApiKey {
  ApiKeySettings settings;
  std::vector<routing::Glob> patterns;
  std::shared_ptr<KeyMeters> meters;

  bool allows(std::string_view model) const;
};

class ApiKeys {
 public:
  struct Built;

  // Of enabled keys only. `before` is the snapshot that this one replaces, or nullptr. A pattern that is none
  // matches nothing but its own text, and is told as a problem.
  static Built build(std::vector<ApiKeySettings> all, const ApiKeys* before, deadline::Instant now);

  // Nothing when it is not one of ours.
  const ApiKey* find(std::string_view presented) const;

  // Those that were used at `since` or later. Any thread.
  struct Use {
    std::string id;
    deadline::Instant at;
  };
  std::vector<Use> uses_since(deadline::Instant since) const;

  std::size_t size() const { return by_hash_.size(); }

 private:
  struct FirstBytes {
    std::size_t operator()(const secrets::TokenHash& hash) const;
  };
  std::unordered_map<secrets::TokenHash, ApiKey, FirstBytes> by_hash_;
};

struct ApiKeys::Built {
  std::shared_ptr<const ApiKeys> keys;
  std::vector<std::string> problems;
};

// The key that a request presents, out of the values of its `Authorization` (a Bearer token; any other scheme
// is not a key) and `x-api-key` fields; empty when there is none.
std::string_view presented_key(std::string_view authorization, std::string_view x_api_key);

}  // namespace punctual::admission
