#include "chat/model_list.hpp"

#include <boost/json.hpp>

#include "gateway/core.hpp"
#include "gateway/known_models.hpp"

namespace punctual::chat {

base::Task<bool> ModelList::run(gateway::Core& core, deadline::Watch& watch, relay::ClientWriter& client) {
  namespace bj = boost::json;
  using deadline::Phase;
  deadline::Limits limits;
  limits[Phase::total] = {gateway::ModelCatalog::fetch_limit, {}};
  watch.begin(limits);
  watch.start(Phase::total);
  co_await core.models.refresh(watch);
  bj::array models;
  for (const auto& model : gateway::known_models(core)) {
    bj::object entry = {{"id", model.id}, {"provider", model.provider}};
    if (!model.state.empty()) entry["state"] = model.state;
    models.push_back(std::move(entry));
  }
  client.write(bj::serialize(bj::object{{"models", std::move(models)}}));
  co_return watch.interruption() != deadline::Interruption::client_gone;
}

}  // namespace punctual::chat
