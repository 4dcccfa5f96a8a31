// The settings while the gateway runs: one snapshot in force, changed in one place, everywhere at once.
//
// A change is checked as a whole, committed with its entry in `changes`, then handed to the publisher, which
// returns when every core works with it. Another replica's change arrives by notification. Any management
// thread may call; changes take turns. Nothing here is on a request's way.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "deadline/clock.hpp"
#include "settings/error.hpp"
#include "settings/snapshot.hpp"
#include "settings/vault_opener.hpp"
#include "storage/store.hpp"

namespace punctual::settings {

struct Actor {
  std::string name;  // "user:ada", "token:admin"
  std::string request_id;
};

// What a change says of itself in the log of changes; no secrets.
struct Note {
  std::string action;   // "update"
  std::string subject;  // "timeouts", "provider:openai"
  std::optional<std::string> before, after;
};

class Service {
 public:
  using Published = std::shared_ptr<const Snapshot>;
  // Until every core has it.
  using Publisher = std::function<void(const Published&)>;

  struct Options {
    storage::Store& store;
    const deadline::Clock& clock;
    Base base;
    VaultOpener open_vault;
  };

  // Reads what is stored. The error is for the start of the process: one sentence a line.
  static std::expected<std::unique_ptr<Service>, std::string> open(Options options);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  Published current() const;
  const config::Environment& environment() const { return options_.base.environment; }
  // What is stored and was left out because it does not fit the file any more.
  std::vector<std::string> left_out() const;

  // From now on; called at once with what is in force.
  void set_publisher(Publisher publisher);

  // Reads what is stored, and publishes it if it is another version.
  Result<void> reload();

  // Changes a copy of what is stored; may be called again when another replica was faster.
  using Change = std::function<Result<Note>(Stored& stored, const Snapshot& current)>;
  // `if_match`: the version of `section` that the caller has seen.
  Result<Published> change(Section section, const Actor& actor, std::optional<std::int64_t> if_match,
                           const Change& change);
  // What would be in force after `change`; nothing is written, recorded or published.
  Result<Published> rehearse(const Change& change);

  // For a provider's new key; inside a Change only. The key itself is forgotten.
  Result<void> seal(StoredProvider& provider, std::string_view provider_id, std::string_view key) const;

  // For a data source's new password; inside a Change only.
  Result<void> seal(StoredDataSource& source, std::string_view id, std::string_view password) const;

  // For the key of the chain of queries, which is sealed as passwords are. Errors are sentences for people.
  std::expected<std::string, std::string> seal_query_key(std::string_view text);
  std::expected<config::Secret, std::string> open_query_key(std::string_view blob);

  // A new data key, wrapped by `master`, and every stored key and password sealed with it.
  Result<void> rotate(const secrets::Key& master, const Actor& actor);

 private:
  explicit Service(Options options) : options_(std::move(options)) {}
  config::Secret open_key(std::string_view id, const StoredProvider& provider);
  std::expected<config::Secret, std::string> open_password(std::string_view id,
                                                           const StoredDataSource& source) const;
  Openers opener();
  std::expected<Stored, storage::Error> read_stored();
  Result<Published> try_change(Section section, const Actor& actor, std::optional<std::int64_t> if_match,
                               const Change& change);
  Result<Published> composed(const Stored& stored);
  void publish(Published snapshot);

  Result<void> refresh_vault(const Stored& stored);

  Options options_;
  std::mutex turn_;  // one change at a time; over the vault and the publisher too
  std::shared_ptr<const secrets::Vault> vault_;
  Publisher publisher_;
  mutable std::mutex mutex_;  // over what follows
  Published current_;
  std::vector<std::string> left_out_;
  std::string key_error_;
};

// For people: what storage says, as an error of a change.
Error error_of(const storage::Error& error);

}  // namespace punctual::settings
