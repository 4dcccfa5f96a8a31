#include "settings/fronts.hpp"

#include "settings/timeouts.hpp"

namespace punctual::settings {

namespace {

namespace bj = boost::json;

bj::value declared(bool said, const std::optional<deadline::Duration>& limit) {
  return said ? seconds_value(limit) : bj::value(nullptr);
}

bj::value usual(int seconds) {
  return seconds == 0 ? bj::value(nullptr) : bj::value(seconds);
}

bj::array list_of(const config::Configuration& configuration) {
  bj::array list;
  for (const auto& front : configuration.fronts) {
    list.push_back(bj::object{{"kind", front.kind->name},
                              {"name", front.name},
                              {"idle_seconds", declared(front.declared_idle, front.idle)},
                              {"total_seconds", declared(front.declared_total, front.total)}});
  }
  return list;
}

bool is_stored(const Snapshot& snapshot) {
  const auto found = snapshot.stored.values.find(Section::fronts);
  return found != snapshot.stored.values.end() && found->second.contains("fronts");
}

}  // namespace

bj::object fronts_document(const Snapshot& snapshot) {
  bj::array kinds;
  for (const auto& kind : config::front_kinds) {
    kinds.push_back(bj::object{{"kind", kind.name},
                               {"title", kind.title},
                               {"idle_seconds", usual(kind.idle_seconds)},
                               {"total_seconds", usual(kind.total_seconds)},
                               {"setting", kind.setting}});
  }
  return {{"fronts", list_of(*snapshot.configuration)},
          {"source", is_stored(snapshot) ? "stored" : "file"},
          {"in_file", snapshot.configuration->fronts_in_file},
          {"kinds", std::move(kinds)},
          {"version", snapshot.stored.version_of(Section::fronts)}};
}

Result<Service::Published> change_fronts(Service& service, const Actor& actor,
                                         std::optional<std::int64_t> if_match, const bj::object& body) {
  if (!body.contains("fronts"))
    return std::unexpected(invalid_field("fronts", "is missing: give the layers, from the outside in"));
  return service.change(Section::fronts, actor, if_match,
                        [&](Stored& stored, const Snapshot& current) -> Result<Note> {
                          const bj::object before = {{"fronts", list_of(*current.configuration)}};
                          store_values(stored, Section::fronts, body);
                          return Note{"update", "fronts", bj::serialize(before), bj::serialize(body)};
                        });
}

}  // namespace punctual::settings
