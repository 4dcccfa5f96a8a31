#include "settings/models.hpp"

#include <algorithm>
#include <array>

#include "pool/model_files.hpp"
#include "secrets/token.hpp"
#include "settings/json_table.hpp"
#include "settings/timeouts.hpp"

namespace punctual::settings {

namespace {

namespace bj = boost::json;
using config::Engine;
using config::LocalModel;

constexpr std::size_t models_max = 500;

constexpr std::array<Engine, 5> engines = {Engine::llama_server, Engine::vllm, Engine::mlx_lm, Engine::ollama,
                                           Engine::command};

// Members that only answers have are let pass, so that what was read can be sent back.
void drop_answer_members(bj::object& body) {
  for (const auto* name : {"id", "origin", "in_file", "pin_stored"})
    body.erase(name);
  // An empty text is none.
  for (const auto* name : {"file", "projector", "url"}) {
    const auto found = body.find(name);
    if (found != body.end() && found->value().is_string() && found->value().get_string().empty())
      body.erase(found);
  }
}

std::string text_member(const bj::object& body, std::string_view name) {
  const auto found = body.find(name);
  return found != body.end() && found->value().is_string() ? std::string(found->value().get_string())
                                                           : std::string();
}

bj::array list_of(const std::vector<std::string>& words) {
  bj::array list;
  for (const auto& word : words)
    list.emplace_back(word);
  return list;
}

Error not_found(const std::string& id) {
  return {ErrorKind::not_found, "There is no local model of the id " + id + ".", {}};
}

Error forbidden(std::string field, const std::string& what) {
  return {ErrorKind::forbidden,
          "Which programs run on this machine, and with which arguments, cannot be said through the API: " +
              what +
              " Write it into the configuration file, use `punctual models add`, or set "
              "pool.commands_by_api = true (PUNCTUAL_POOL_COMMANDS_BY_API=true).",
          {{std::move(field), "is not allowed here: " + what}}};
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1" || host == "[::1]";
}

// What `model` says that only who may start programs here says, unless it was so before.
std::optional<Error> problem_with_command(const LocalModel& model, const LocalModel* before) {
  if (model.engine == Engine::command && (!before || before->engine != Engine::command))
    return forbidden("engine", "\"command\" is any program.");
  if (model.command != (before ? before->command : std::vector<std::string>()))
    return forbidden("command", "it names a program.");
  if (model.arguments != (before ? before->arguments : std::vector<std::string>()))
    return forbidden("arguments", "they can make an engine do other things than to answer.");
  // In a command they may stand anywhere.
  if (before && !model.command.empty() && (model.file != before->file || model.engine != before->engine))
    return forbidden("file", "it becomes a part of the command.");
  const bool moved = !model.url.empty() && (!before || model.url != before->url);
  const auto& url = model.provider.base_url;
  if (moved && model.engine != Engine::ollama && (!url.socket_path.empty() || !is_loopback(url.host)))
    return forbidden("url",
                     "the engine would listen there; give an address such as http://127.0.0.1:8090/v1.");
  return std::nullopt;
}

std::optional<Error> problem_with(const Snapshot& snapshot, const LocalModel& model, const LocalModel* before,
                                  GivenBy by) {
  if (by == GivenBy::api && !snapshot.configuration->pool.commands_by_api) {
    if (auto problem = problem_with_command(model, before)) return problem;
  }
  const bool as_before = before && before->engine == model.engine && before->file == model.file &&
                         before->projector == model.projector;
  if (as_before) return std::nullopt;  // a file that has vanished is not in the way of other changes
  const auto problem = pool::problem_with_files(model);
  if (!problem) return std::nullopt;
  return invalid_field(problem->field, problem->message);
}

Service::Change creation(std::string id, bj::object body) {
  std::string name = text_member(body, "name");
  return [id = std::move(id), name = std::move(name), body = std::move(body)](
             Stored& stored, const Snapshot& current) -> Result<Note> {
    if (stored.models.size() >= models_max)
      return std::unexpected(Error{ErrorKind::conflict, "There are 500 models: delete one first.", {}});
    if (current.configuration->model_named(name)) {
      return std::unexpected(Error{ErrorKind::conflict,
                                   "Another model is called \"" + name + "\".",
                                   {{"name", "is taken: choose another, or change that model"}}});
    }
    const std::string document = bj::serialize(body);
    stored.models[id] = {name, document};
    return Note{"create", "model:" + name, {}, document};
  };
}

Service::Change replacement(std::string id, bj::object given) {
  return [id = std::move(id), given = std::move(given)](Stored& stored,
                                                        const Snapshot& current) -> Result<Note> {
    const LocalModel* before = model_of_id(current, id);
    if (!before) return std::unexpected(not_found(id));
    bj::object body = given;
    if (!body.contains("name")) body["name"] = before->name;
    if (text_member(body, "name") != before->name) {
      return std::unexpected(
          invalid_field("name", "cannot change, because rules and records use it: create another model"));
    }
    const std::string document = bj::serialize(body);
    stored.models[id] = {before->name, document};
    stored.values[Section::models].erase(std::string(pin_prefix) + before->name);
    return Note{"update", "model:" + before->name, bj::serialize(model_document(*before)), document};
  };
}

// The change's outcome is looked at as a whole before it is made.
Result<std::shared_ptr<const LocalModel>> judged(Service& service, const std::string& id,
                                                 const Service::Change& change, GivenBy by) {
  const auto current = service.current();
  auto snapshot = service.rehearse(change);
  if (!snapshot) return std::unexpected(std::move(snapshot.error()));
  const LocalModel* model = model_of_id(**snapshot, id);
  if (!model) return std::unexpected(not_found(id));
  if (auto problem = problem_with(**snapshot, *model, model_of_id(*current, id), by))
    return std::unexpected(std::move(*problem));
  return std::shared_ptr<const LocalModel>(*snapshot, model);
}

Note pin_note(const LocalModel& model, bool pinned) {
  const auto text = [](bool value) { return bj::serialize(bj::object{{"pinned", value}}); };
  return {pinned ? "pin" : "unpin", "model:" + model.name, text(model.pinned), text(pinned)};
}

}  // namespace

const LocalModel* model_of_id(const Snapshot& snapshot, std::string_view id) {
  const auto& models = snapshot.configuration->models;
  const auto found = std::ranges::find(models, id, &LocalModel::id);
  return found == models.end() ? nullptr : &*found;
}

bj::object model_document(const LocalModel& model) {
  const bool idles = model.idle_unload.has_value();
  return {{"id", model.id},
          {"name", model.name},
          {"engine", config::name_of(model.engine)},
          {"file", model.file},
          {"projector", model.projector},
          {"command", list_of(model.command)},
          {"arguments", list_of(model.arguments)},
          {"url", model.url},
          {"slots", model.slots},
          {"waiting_max", model.provider.waiting_max},
          {"context", model.context},
          {"memory", model.memory > 0 ? bj::value(model.memory) : bj::value(nullptr)},
          {"pinned", model.pinned},
          {"idle_unload_seconds", idles ? seconds_value(model.idle_unload->duration) : bj::value(nullptr)},
          {"timeouts", overrides_document(model.provider.timeouts)},
          {"origin", config::name_of(model.origin)},
          {"in_file", model.in_file},
          {"pin_stored", model.pin_stored}};
}

bj::object models_document(const Snapshot& snapshot) {
  bj::array list;
  for (const auto& model : snapshot.configuration->models)
    list.push_back(model_document(model));
  bj::array names;
  for (const auto engine : engines)
    names.emplace_back(config::name_of(engine));
  return {{"models", std::move(list)},
          {"engines", std::move(names)},
          {"commands_by_api", snapshot.configuration->pool.commands_by_api},
          {"version", snapshot.stored.version_of(Section::models)}};
}

Result<std::string> create_model(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                                 bj::object body, GivenBy by) {
  drop_answer_members(body);
  std::string id = secrets::new_id("model");
  const auto change = creation(id, std::move(body));
  if (const auto good = judged(service, id, change, by); !good) return std::unexpected(good.error());
  const auto changed = service.change(Section::models, actor, if_match, change);
  if (!changed) return std::unexpected(changed.error());
  return id;
}

Result<void> replace_model(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                           const std::string& id, bj::object body) {
  drop_answer_members(body);
  const auto change = replacement(id, std::move(body));
  if (const auto good = judged(service, id, change, GivenBy::api); !good)
    return std::unexpected(good.error());
  const auto changed = service.change(Section::models, actor, if_match, change);
  if (!changed) return std::unexpected(changed.error());
  return {};
}

Result<std::shared_ptr<const LocalModel>> draft_model(Service& service, bj::object body, GivenBy by) {
  std::string id = text_member(body, "id");
  const bool exists = !id.empty();
  drop_answer_members(body);
  if (exists) return judged(service, id, replacement(id, std::move(body)), by);
  id = secrets::new_id("model");
  // One that is looked at before it has a name.
  if (text_member(body, "name").empty()) body["name"] = id;
  return judged(service, id, creation(id, std::move(body)), by);
}

Result<void> delete_model(Service& service, const Actor& actor, std::optional<std::int64_t> if_match,
                          const std::string& id) {
  const auto changed = service.change(
      Section::models, actor, if_match, [&](Stored& stored, const Snapshot& current) -> Result<Note> {
        const LocalModel* before = model_of_id(current, id);
        if (!before) return std::unexpected(not_found(id));
        if (before->origin != config::Origin::stored) {
          return std::unexpected(
              Error{ErrorKind::conflict,
                    "Model \"" + before->name +
                        "\" is not stored here: it is in the configuration file. Remove it "
                        "from the file.",
                    {}});
        }
        for (const auto& rule : current.configuration->rules) {
          const bool leads = std::ranges::any_of(rule.targets, [&](const config::Target& target) {
            return target.provider == config::pool_provider && target.model == before->name;
          });
          if (!leads || before->in_file) continue;
          return std::unexpected(Error{ErrorKind::conflict,
                                       "The rule for \"" + rule.pattern + "\" leads to model \"" +
                                           before->name + "\": change or delete the rule first.",
                                       {}});
        }
        stored.models.erase(id);
        return Note{"delete", "model:" + before->name, bj::serialize(model_document(*before)), {}};
      });
  if (!changed) return std::unexpected(changed.error());
  return {};
}

Result<void> pin_model(Service& service, const Actor& actor, const std::string& name, bool pinned) {
  const auto known = service.current();
  const LocalModel* now = known->configuration->model_named(name);
  if (now && now->pinned == pinned) return {};
  const auto changed = service.change(
      Section::models, actor, {}, [&](Stored& stored, const Snapshot& current) -> Result<Note> {
        const LocalModel* before = current.configuration->model_named(name);
        if (!before) {
          return std::unexpected(Error{ErrorKind::not_found, "There is no local model '" + name + "'.", {}});
        }
        if (before->origin == config::Origin::stored) {
          auto& document = stored.models[before->id].document;
          auto body = parse_object(document).value_or(bj::object());
          body["pinned"] = pinned;
          document = bj::serialize(body);
        } else {
          stored.values[Section::models][std::string(pin_prefix) + name] = pinned ? "true" : "false";
        }
        return pin_note(*before, pinned);
      });
  if (!changed) return std::unexpected(changed.error());
  return {};
}

}  // namespace punctual::settings
