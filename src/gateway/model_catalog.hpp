// Which models the providers have, as they say themselves: fetched when somebody asks, kept for a while.
//
// A provider that does not answer within `fetch_limit` is left out, and asked again soon; the others are
// listed all the same. One fetch serves all who ask meanwhile. One thread only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend/call.hpp"
#include "base/task.hpp"
#include "config/configuration.hpp"
#include "deadline/watch.hpp"
#include "json/reader.hpp"

namespace punctual::gateway {

class ModelCatalog {
 public:
  static constexpr deadline::Duration kept_for = std::chrono::seconds(60);
  static constexpr deadline::Duration failure_kept_for = std::chrono::seconds(5);
  static constexpr deadline::Duration fetch_limit = std::chrono::seconds(3);
  static constexpr std::size_t document_bytes_max = 4 * 1024 * 1024;

  struct Entry {
    std::shared_ptr<const config::Configuration> owner;  // of the provider
    const config::Provider* provider = nullptr;
    std::vector<std::string> models;  // as the provider names them
    deadline::Instant until{};
    bool fetching = false;
  };

  // The simulated provider is not asked.
  ModelCatalog(backend::Services& services, json::Reader& reader,
               const std::shared_ptr<const config::Configuration>& configuration)
      : services_(services), reader_(reader) {
    set_configuration(configuration);
  }
  ModelCatalog(const ModelCatalog&) = delete;
  ModelCatalog& operator=(const ModelCatalog&) = delete;

  // Other providers from now on; of those that stay as they were, what is known stays known.
  void set_configuration(const std::shared_ptr<const config::Configuration>& configuration);

  // Until every provider's list is fresh or could not be had, or the watch is interrupted.
  base::Task<void> refresh(deadline::Watch& watch);
  const std::vector<std::shared_ptr<Entry>>& entries() const { return entries_; }

  // Ends the fetches that run; the ready queue must run once after it.
  void stop();

 private:
  class Fetch;

  base::Task<void> fetch(std::shared_ptr<Entry> entry);
  bool read_models(Entry& entry, std::string& document);
  bool fetching() const;

  backend::Services& services_;
  json::Reader& reader_;
  std::vector<std::shared_ptr<Entry>> entries_;
  std::vector<Fetch*> fetches_;
  std::vector<base::Signals*> waiting_;
};

}  // namespace punctual::gateway
