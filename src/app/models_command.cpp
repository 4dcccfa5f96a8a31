#include "app/models_command.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "access/api_keys.hpp"
#include "app/offline.hpp"
#include "app/pool_door.hpp"
#include "app/try_it.hpp"
#include "net/acceptor.hpp"
#include "pool/gguf.hpp"
#include "pool/memory_estimate.hpp"
#include "pool/memory_need.hpp"
#include "pool/model_program.hpp"
#include "process/memory.hpp"
#include "settings/models.hpp"

namespace punctual::app {

namespace {

namespace bj = boost::json;
using config::LocalModel;

const settings::Actor actor{"command line", ""};

int fail(const std::string& message) {
  fmt::print(stderr, "punctual models: {}\n", message);
  return 1;
}

int fail(const settings::Error& error) {
  if (error.fields.empty()) return fail(error.message);
  for (const auto& field : error.fields)
    fmt::print(stderr, "punctual models: {} {}\n", field.field, field.message);
  return 1;
}

std::optional<Offline> open(const ModelsOptions& options) {
  return open_offline(
      {"punctual models", options.config_file, options.data, config::Environment::of_process()});
}

// A file is meant from where one stands; what is not there may be a name that the engine knows.
std::string path_of(const std::string& file, bool is_path) {
  std::error_code error;
  if (file.empty() || (!is_path && !std::filesystem::exists(file, error))) return file;
  return std::filesystem::absolute(file, error).lexically_normal().string();
}

// "Qwen3-8B-Q4_K_M.gguf" is "Qwen3-8B-Q4_K_M".
std::string name_for(const std::string& file) {
  const std::filesystem::path path(file);
  return path.extension() == ".gguf" ? path.stem().string() : path.filename().string();
}

bj::object body_of(const ModelsOptions& options) {
  const bool is_path = options.engine == "llama-server" || options.file.ends_with(".gguf");
  bj::object body = {{"name", options.name.empty() ? name_for(options.file) : options.name},
                     {"engine", options.engine},
                     {"file", options.engine == "ollama" ? options.file : path_of(options.file, is_path)}};
  if (!options.projector.empty()) body["projector"] = path_of(options.projector, true);
  if (!options.url.empty()) body["url"] = options.url;
  if (!options.memory.empty()) body["memory"] = options.memory;
  if (options.slots) body["slots"] = *options.slots;
  if (options.context) body["context"] = *options.context;
  if (options.idle_unload_seconds) body["idle_unload_seconds"] = *options.idle_unload_seconds;
  if (options.pinned) body["pinned"] = true;
  if (!options.arguments.empty())
    body["arguments"] = bj::array(options.arguments.begin(), options.arguments.end());
  return body;
}

// What it will take, and of how much.
void print_memory(const LocalModel& model, const config::Pool& pool) {
  const auto need = pool::memory_need(model);
  const auto machine = process::machine_memory();
  const auto limit = pool::limit_in_bytes(pool.memory_limit, machine ? machine->total_bytes : 0);
  fmt::print("memory: {}; the model pool may use {}\n", need.words, pool::bytes_in_words(limit));
  if (need.bytes > limit) {
    fmt::print(stderr,
               "warning: it can never be loaded like this: give it a smaller --context or fewer --slots, or "
               "raise pool.memory_limit\n");
  }
}

void print_program(const LocalModel& model) {
  const auto program = pool::program_of(model, environ);
  if (program.name.empty()) return;
  if (!program.path.empty()) fmt::print("engine: {}\n", program.path);
  if (program.path.empty()) fmt::print(stderr, "warning: {}\n", program.advice);
}

bool asks_for_keys(const Offline& offline) {
  auto reader = offline.store->reader();
  if (!reader) return false;
  const auto keys = access::ApiKeys::active(**reader);
  return keys && !keys->empty();
}

bool is_embedding(const LocalModel& model) {
  if (!model.file.ends_with(".gguf")) return false;
  const auto file = pool::read_gguf(model.file);
  return file && file->kind == pool::ModelKind::embedding;
}

// Whether something listens where its engine does.
bool runs(const LocalModel& model) {
  const auto& url = model.provider.base_url;
  const auto address = net::parse_listen_address(
      url.socket_path.empty() ? fmt::format("{}:{}", url.host, url.port) : "unix:" + url.socket_path);
  return address && net::address_in_use(*address);
}

// Of a gateway that does not answer for long there is nothing to be told.
constexpr std::chrono::seconds answer_limit(2);

// What a gateway on this data folder says, else whether something listens where its engine does.
std::string state_of(const LocalModel& model, const std::optional<std::map<std::string, std::string>>& told) {
  if (told && told->contains(model.name)) return told->at(model.name);
  return runs(model) ? "running" : "not running";
}

std::string size_of(const LocalModel& model) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(model.file, error);
  return error ? "-" : pool::bytes_in_words(bytes);
}

std::string need_of(const LocalModel& model) {
  const auto need = pool::memory_need(model);
  if (!need.problem.empty()) return "cannot be loaded";
  return need.bytes == 0 ? "not known" : pool::bytes_in_words(need.bytes);
}

}  // namespace

int add_model(const ModelsOptions& options) {
  auto opened = open(options);
  if (!opened) return 1;
  const deadline::SystemClock clock;
  const auto service = open_settings(*opened, clock);
  if (!service) return fail(service.error());
  const auto id =
      settings::create_model(**service, actor, {}, body_of(options), settings::GivenBy::command_line);
  if (!id) return fail(id.error());
  const auto snapshot = (*service)->current();
  const auto& model = *settings::model_of_id(*snapshot, *id);
  fmt::print("{} is added: {}, {} {} of {} tokens{}\n", model.name, config::name_of(model.engine),
             model.slots, model.slots == 1 ? "slot" : "slots", model.context, model.pinned ? ", pinned" : "");
  print_memory(model, snapshot->configuration->pool);
  print_program(model);
  fmt::print(
      "a gateway that runs on this data folder has it within two seconds; it is loaded by the first "
      "request\ntry it:\n{}",
      is_embedding(model)
          ? embedding_command(snapshot->configuration->server, model.name, asks_for_keys(*opened))
          : chat_command(snapshot->configuration->server, model.name, asks_for_keys(*opened)));
  return 0;
}

int list_models(const ModelsOptions& options) {
  auto opened = open(options);
  if (!opened) return 1;
  const deadline::SystemClock clock;
  const auto service = open_settings(*opened, clock);
  if (!service) return fail(service.error());
  const auto snapshot = (*service)->current();
  const auto& models = snapshot->configuration->models;
  if (models.empty()) {
    fmt::print(stderr, "There are no local models. Add one with `punctual models add FILE.gguf`.\n");
    return 0;
  }
  const auto told =
      ask_pool((std::filesystem::path(opened->startup->server.data) / "engines").string(), answer_limit);
  std::size_t width = 4;
  for (const auto& model : models)
    width = std::max(width, model.name.size());
  fmt::print("{:<{}}  {:<12}  {:<16}  {:<16}  {:<10}  {:<6}  {}\n", "NAME", width, "ENGINE", "STATE",
             "MEMORY", "SIZE", "FROM", "FILE");
  for (const auto& model : models) {
    fmt::print("{:<{}}  {:<12}  {:<16}  {:<16}  {:<10}  {:<6}  {}{}\n", model.name, width,
               config::name_of(model.engine), state_of(model, told), need_of(model), size_of(model),
               config::name_of(model.origin), model.file.empty() ? "-" : model.file,
               model.pinned ? "  (pinned)" : "");
  }
  return 0;
}

int remove_model(const ModelsOptions& options) {
  auto opened = open(options);
  if (!opened) return 1;
  const deadline::SystemClock clock;
  const auto service = open_settings(*opened, clock);
  if (!service) return fail(service.error());
  const auto* model = (*service)->current()->configuration->model_named(options.name);
  if (!model) return fail("there is no local model \"" + options.name + "\"; `punctual models list` has all");
  const bool in_file = model->in_file;
  const std::string id = model->id;
  const auto removed = settings::delete_model(**service, actor, {}, id);
  if (!removed) return fail(removed.error());
  fmt::print("{} {}\n", options.name, in_file ? "is as in the configuration file again" : "is removed");
  return 0;
}

void add_models_command(CLI::App& program, ModelsOptions& options, int& result) {
  auto* models = program.add_subcommand("models", "Local models: engines that the gateway starts on demand");
  models->require_subcommand(1);
  const auto add = [&](const std::string& name, const std::string& help, int (*run)(const ModelsOptions&)) {
    auto* command = models->add_subcommand(name, help);
    command->add_option("--config", options.config_file, "Configuration file (TOML)")->type_name("FILE");
    command->add_option("--data", options.data, "Folder for what the gateway keeps")->type_name("DIR");
    command->callback([&options, &result, run] { result = run(options); });
    return command;
  };
  auto* added = add("add", "Add a model; the first request loads it", add_model);
  added
      ->add_option("file", options.file,
                   "The GGUF file, the model's folder, or a name that the engine knows (org/name)")
      ->required()
      ->type_name("FILE");
  added->add_option("--name", options.name, "As clients ask for it (default: the file's)")->type_name("NAME");
  added->add_option("--engine", options.engine, "Which program runs it")
      ->check(CLI::IsMember({"llama-server", "vllm", "mlx-lm", "ollama"}))
      ->capture_default_str();
  added->add_option("--slots", options.slots, "Requests at once (default: 1)")->type_name("N");
  added->add_option("--context", options.context, "Tokens of one request (default: 8192)")->type_name("N");
  added->add_flag("--pinned", options.pinned, "Once loaded it stays");
  added
      ->add_option("--idle", options.idle_unload_seconds,
                   "Seconds without requests after which it leaves; 0: never")
      ->type_name("SECONDS");
  added->add_option("--projector", options.projector, "The file for images (llama-server)")
      ->type_name("FILE");
  added->add_option("--memory", options.memory, "What it takes, such as 6GiB (default: estimated)")
      ->type_name("BYTES");
  added->add_option("--url", options.url, "Where it listens (default: a private socket; mlx-lm needs one)")
      ->type_name("URL");
  added
      ->add_option("--argument", options.arguments,
                   "A word for the engine's command line; may be given several times")
      ->type_name("WORD")
      ->allow_extra_args(false);
  add("list", "List the local models", list_models);
  auto* removed = add("remove", "Remove a model; its engine ends with its last request", remove_model);
  removed->add_option("name", options.name, "Its name")->required()->type_name("NAME");
  add("discover", "Say which servers and model files this machine has already; adds nothing",
      discover_models);
}

}  // namespace punctual::app
