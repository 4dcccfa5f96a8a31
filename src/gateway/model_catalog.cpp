#include "gateway/model_catalog.hpp"

#include <algorithm>

#include "backend/whole_answer.hpp"
#include "gateway/model_list.hpp"

namespace punctual::gateway {

namespace bits = deadline::bits;
using deadline::Phase;

namespace {

// Raised on those who wait for the catalog; the streams that use these bits are not bound meanwhile.
constexpr base::Signals::Mask fetched = bits::connected;

}  // namespace

// One fetch under way: its own small deadline, which no client's leaving ends.
class ModelCatalog::Fetch final : private deadline::WatchHooks {
 public:
  Fetch(ModelCatalog& catalog, net::Runtime& runtime)
      : catalog_(catalog), watch_(runtime.clock(), runtime.wheel(), runtime.ready(), *this) {
    deadline::Limits limits;
    limits[Phase::total] = {fetch_limit, {}};
    watch_.begin(limits);
    watch_.start(Phase::total);
    catalog_.fetches_.push_back(this);
  }
  ~Fetch() { std::erase(catalog_.fetches_, this); }
  Fetch(const Fetch&) = delete;
  Fetch& operator=(const Fetch&) = delete;

  deadline::Watch& watch() { return watch_; }

 private:
  bool client_gone() override { return false; }
  void heartbeat(deadline::Instant) override {}

  ModelCatalog& catalog_;
  deadline::Watch watch_;
};

void ModelCatalog::set_configuration(const std::shared_ptr<const config::Configuration>& configuration) {
  std::vector<std::shared_ptr<Entry>> entries;
  for (const auto& provider : configuration->providers) {
    if (provider.kind == config::ProviderKind::simulated) continue;
    auto entry = std::make_shared<Entry>();
    entry->owner = configuration;
    entry->provider = &provider;
    for (const auto& known : entries_) {
      if (known->provider->name != provider.name) continue;
      entry->models = known->models;
      const bool same = known->provider->base_url.text() == provider.base_url.text() &&
                        known->provider->auth == provider.auth &&
                        known->provider->api_key.reveal() == provider.api_key.reveal();
      if (same) entry->until = known->until;
    }
    entries.push_back(std::move(entry));
  }
  entries_ = std::move(entries);
}

bool ModelCatalog::fetching() const {
  return std::ranges::any_of(entries_, [](const auto& entry) { return entry->fetching; });
}

base::Task<void> ModelCatalog::refresh(deadline::Watch& watch) {
  const auto now = watch.now();
  for (const auto& entry : entries_) {
    if (entry->fetching || now < entry->until) continue;
    entry->fetching = true;
    base::spawn(fetch(entry));
  }
  waiting_.push_back(&watch.signals());
  while (fetching()) {
    const auto raised = co_await watch.wait(fetched);
    if (watch.interrupted(raised)) break;
  }
  std::erase(waiting_, &watch.signals());
}

base::Task<void> ModelCatalog::fetch(std::shared_ptr<Entry> entry) {
  bool good = false;
  {
    Fetch running(*this, services_.runtime);
    backend::Call call(services_, running.watch());
    backend::UpstreamRequest request;
    request.provider = entry->provider;
    request.method = "GET";
    request.path = "/models";
    const std::span<const std::string_view> no_body;
    const auto opened = co_await call.open(request, no_body);
    if (opened && call.head().status == 200) {
      auto document = co_await read_whole(call, running.watch(), document_bytes_max);
      good = document && read_models(*entry, *document);
    }
  }
  entry->fetching = false;
  entry->until = services_.runtime.now() + (good ? kept_for : failure_kept_for);
  for (auto* signals : waiting_)
    signals->raise(fetched);
}

bool ModelCatalog::read_models(Entry& entry, std::string& document) {
  const auto parsed = reader_.read(document);
  const auto data = parsed ? model_list(*parsed) : std::nullopt;
  if (!data) return false;
  entry.models.clear();
  for (const auto item : *data) {
    std::string_view id;
    if (!item["id"].get(id)) entry.models.emplace_back(id);
  }
  return true;
}

void ModelCatalog::stop() {
  for (auto* running : fetches_)
    running->watch().signals().raise(bits::stop);
}

}  // namespace punctual::gateway
