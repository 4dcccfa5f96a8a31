#include "app/keys_command.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "access/api_keys.hpp"
#include "app/offline.hpp"
#include "secrets/master_key.hpp"

namespace punctual::app {

namespace {

const access::Call call{"command line", "", {}};

int fail(const std::string& message) {
  fmt::print(stderr, "punctual keys: {}\n", message);
  return 1;
}

std::optional<Offline> open(const KeysOptions& options) {
  return open_offline(
      {"punctual keys", options.config_file, options.data, config::Environment::of_process()});
}

std::expected<secrets::Key, std::string> wrapping_key(const Offline& opened, const KeysOptions& options,
                                                      const secrets::VaultDocument& document) {
  secrets::MasterKeyRequest request;
  const std::string& file = options.master_key_file;
  request.variables = [&](std::string_view name) -> const std::string* {
    if (file.empty()) return opened.base.environment.find(name);
    return name == "PUNCTUAL_MASTER_KEY_FILE" ? &file : nullptr;
  };
  request.data_folder = opened.startup->server.data;
  request.vault = &document;
  auto key = secrets::find_master_key(request);
  if (!key) return std::unexpected(key.error().message);
  return std::move(key->key);
}

}  // namespace

int create_key(const KeysOptions& options) {
  auto opened = open(options);
  if (!opened) return 1;
  const deadline::SystemClock clock;
  access::ApiKeys keys(*opened->store, clock);
  access::ApiKeyLimits limits;
  limits.models = options.models;
  const auto made = keys.create(call, options.name, limits);
  if (!made) return fail(made.error().message);
  fmt::print("{}\n", made->text.reveal());
  fmt::print(stderr, "This is the key of {} ({}); it is not shown again.\n", made->key.name, made->key.id);
  return 0;
}

int list_keys(const KeysOptions& options) {
  auto opened = open(options);
  if (!opened) return 1;
  auto reader = opened->store->reader();
  if (!reader) return fail(reader.error().message);
  const auto keys = access::ApiKeys::list(**reader);
  if (!keys) return fail(keys.error().message);
  for (const auto& key : *keys)
    fmt::print("{}  ...{}  {}{}\n", key.id, key.hint, key.name, key.revoked ? "  (revoked)" : "");
  return 0;
}

int revoke_key(const KeysOptions& options) {
  auto opened = open(options);
  if (!opened) return 1;
  const deadline::SystemClock clock;
  access::ApiKeys keys(*opened->store, clock);
  const auto revoked = keys.revoke(call, options.id);
  if (!revoked) return fail(revoked.error().message);
  fmt::print("{} is revoked\n", revoked->name);
  return 0;
}

int rotate_vault(const KeysOptions& options) {
  auto opened = open(options);
  if (!opened) return 1;
  const deadline::SystemClock clock;
  const auto service = open_settings(*opened, clock);
  if (!service) return fail(service.error());
  const auto document = secrets::VaultDocument::parse((*service)->current()->stored.vault);
  if (!document) return fail(document.error().message);
  const auto key = wrapping_key(*opened, options, *document);
  if (!key) return fail(key.error());
  const auto rotated = (*service)->rotate(*key, {"command line", ""});
  if (!rotated) return fail(rotated.error().message);
  fmt::print("the providers' keys are sealed with a new data key\n");
  if (!options.master_key_file.empty())
    fmt::print("it is wrapped by {}: set PUNCTUAL_MASTER_KEY_FILE to it and start the gateways anew\n",
               options.master_key_file);
  return 0;
}

void add_keys_command(CLI::App& program, KeysOptions& options, int& result) {
  auto* keys = program.add_subcommand("keys", "API keys of /v1, and the vault of the providers' keys");
  keys->require_subcommand(1);
  const auto add = [&](const std::string& name, const std::string& help, int (*run)(const KeysOptions&)) {
    auto* command = keys->add_subcommand(name, help);
    command->add_option("--config", options.config_file, "Configuration file (TOML)")->type_name("FILE");
    command->add_option("--data", options.data, "Folder for what the gateway keeps")->type_name("DIR");
    command->callback([&options, &result, run] { result = run(options); });
    return command;
  };
  auto* create = add("create", "Make an API key; it is printed once", create_key);
  create->add_option("name", options.name, "What the key is for")->required()->type_name("NAME");
  create->add_option("--model", options.models, "Only this model or glob; may be given several times");
  add("list", "List the API keys", list_keys);
  auto* revoke = add("revoke", "Revoke an API key, for ever", revoke_key);
  revoke->add_option("id", options.id, "Its id, as `list` shows it")->required()->type_name("ID");
  auto* rotate = add("rotate", "Seal the providers' keys with a new data key", rotate_vault);
  rotate
      ->add_option("--master-key-file", options.master_key_file,
                   "The master key that wraps it from now on (default: the present one)")
      ->type_name("FILE");
}

}  // namespace punctual::app
