// The keys of programs: made, listed, changed, revoked. A key's text is told once, when it is made.
//
// Any thread; blocks on the database. Each change is recorded in its own transaction and told to the
// subscribers of the store (`api_keys_channel`), who then read `active` again for the data path.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/api_key.hpp"
#include "access/call.hpp"
#include "access/error.hpp"
#include "config/secret.hpp"
#include "secrets/token.hpp"
#include "storage/store.hpp"

namespace punctual::access {

inline constexpr std::string_view api_keys_channel = "api_keys";
inline constexpr std::size_t api_keys_max = 10'000;  // that are not revoked

struct ApiKey {
  std::string id;
  std::string name;
  std::string hint;  // the last four characters
  ApiKeyLimits limits;
  std::int64_t created = 0;  // microseconds since the epoch
  std::string created_by;
  std::optional<std::int64_t> revoked;
  std::optional<std::int64_t> last_used;
};

struct NewApiKey {
  ApiKey key;
  config::Secret text;
};

// What is not given stays.
struct ApiKeyChange {
  std::optional<std::string_view> name = {};
  std::optional<ApiKeyLimits> limits = {};
};

struct ActiveApiKey {
  std::string id;
  std::string name;
  secrets::TokenHash hash{};
  ApiKeyLimits limits;
};

struct ApiKeyUse {
  std::string id;
  std::int64_t at = 0;  // microseconds since the epoch
};

class ApiKeys {
 public:
  // Both must outlive this.
  ApiKeys(storage::Store& store, const deadline::Clock& clock) : store_(&store), clock_(&clock) {}

  std::expected<NewApiKey, Error> create(const Call& call, std::string_view name, const ApiKeyLimits& limits);
  std::expected<ApiKey, Error> change(const Call& call, std::string_view id, const ApiKeyChange& wanted);
  // For ever. The row stays, for the records that name it.
  std::expected<ApiKey, Error> revoke(const Call& call, std::string_view id);

  // By name; those that are revoked at the end.
  static std::expected<std::vector<ApiKey>, Error> list(storage::Connection& reader);
  static std::expected<ApiKey, Error> get(storage::Connection& reader, std::string_view id);

  // What the data path needs of those that are not revoked. `unavailable` when one cannot be read: a key
  // without its limits would be worse than the keys as they were.
  static std::expected<std::vector<ActiveApiKey>, Error> active(storage::Connection& reader);

  // When keys were last used; without waiting. False: the store's queue is full.
  bool note_uses(std::vector<ApiKeyUse> uses);

 private:
  storage::Store* store_;
  const deadline::Clock* clock_;
};

}  // namespace punctual::access
