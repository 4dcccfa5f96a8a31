#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <utility>

#include "config/bounds.hpp"
#include "config/checks.hpp"
#include "config/engine_key.hpp"
#include "config/seconds.hpp"
#include "config/sections.hpp"

namespace punctual::config {

namespace {

constexpr std::int64_t slots_max = 1024;
constexpr std::int64_t context_max = 16 * 1024 * 1024;
constexpr std::size_t arguments_max = 256;
constexpr std::string_view socket_place = "{socket}";

constexpr std::array<std::pair<std::string_view, Engine>, 5> engines = {
    {{"llama-server", Engine::llama_server},
     {"vllm", Engine::vllm},
     {"mlx-lm", Engine::mlx_lm},
     {"ollama", Engine::ollama},
     {"command", Engine::command}}};

void read_name(TableReader& reader, LocalModel& model) {
  LoadContext& context = reader.context();
  auto name = reader.require<std::string>("name");
  if (!name || !is_text(context, *name, model_bytes_max)) return;
  if (context.configuration.model_named(name->value))
    context.report(name->place, "is \"" + name->value + "\", as another model: choose another");
  model.name = std::move(name->value);
}

std::vector<std::string> read_words(TableReader& reader, std::string_view name) {
  auto words = reader.read<std::vector<std::string>>(name);
  if (!words) return {};
  if (words->value.size() > arguments_max) {
    reader.report(name, "has " + std::to_string(words->value.size()) + " words: give at most " +
                            std::to_string(arguments_max));
    return {};
  }
  return std::move(words->value);
}

bool listens_on_socket(const LocalModel& model) {
  if (model.engine == Engine::llama_server || model.engine == Engine::vllm) return true;
  const auto has_place = [](const std::string& word) { return word.contains(socket_place); };
  return model.engine == Engine::command &&
         (std::ranges::any_of(model.command, has_place) || std::ranges::any_of(model.arguments, has_place));
}

// The same at each start, so that what a killed gateway left there is found.
std::string socket_of(const Server& server, std::string_view model) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : model)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::string digits;
  for (int shift = 60; shift >= 0; shift -= 4)
    digits.push_back("0123456789abcdef"[(hash >> shift) & 15]);
  std::error_code error;
  const auto folder = std::filesystem::absolute(server.data, error).lexically_normal();
  return (folder / "engines" / (digits + ".sock")).string();
}

void read_address(TableReader& reader, LocalModel& model) {
  LoadContext& context = reader.context();
  const auto given = reader.read<std::string>("url");
  std::string text;
  if (given) {
    text = given->value;
    model.url = text;
  } else if (model.engine == Engine::ollama) {
    text = "http://127.0.0.1:11434/v1";
  } else if (listens_on_socket(model)) {
    text = "unix:" + socket_of(context.configuration.server, model.name) + ":/v1";
  } else {
    return reader.report("url", model.engine == Engine::command
                                    ? "is missing: say where the engine listens, such as "
                                      "\"http://127.0.0.1:8090/v1\", or put {socket} into its command"
                                    : "is missing: say where the engine is to listen, such as "
                                      "\"http://127.0.0.1:8090/v1\"");
  }
  auto url = parse_url(text);
  if (url) {
    model.provider.base_url = std::move(*url);
  } else if (given) {
    context.report(given->place, "is \"" + text + "\": it " + url.error());
  } else {
    reader.report("name",
                  "needs a socket at " + text + ", which " + url.error() + " (a shorter server.data may do)");
  }
}

void read_memory(TableReader& reader, LocalModel& model) {
  const auto memory = reader.read<ByteCount>("memory");
  if (memory) model.memory = memory->value.bytes;
}

// It becomes a word of a command line.
void read_file(TableReader& reader, std::string_view name, std::string& file) {
  auto found = reader.read<std::string>(name);
  if (!found) return;
  if (found->value.starts_with('-'))
    return reader.report(name, "is \"" + found->value +
                                   "\", which an engine would take for an option: "
                                   "give a path");
  file = std::move(found->value);
}

void read_numbers(TableReader& reader, LocalModel& model) {
  LoadContext& context = reader.context();
  if (const auto slots = reader.read<std::int64_t>("slots");
      slots && in_range(context, *slots, 1, slots_max)) {
    model.slots = static_cast<std::uint32_t>(slots->value);
  }
  if (const auto tokens = reader.read<std::int64_t>("context");
      tokens && in_range(context, *tokens, 1, context_max)) {
    model.context = static_cast<std::uint32_t>(tokens->value);
  }
  if (const auto waiting = reader.read<std::int64_t>("waiting_max");
      waiting && in_range(context, *waiting, 0, 100000)) {
    model.provider.waiting_max = static_cast<std::uint32_t>(waiting->value);
  }
  if (const auto seconds = reader.read<double>("idle_unload_seconds"))
    model.idle_unload = limit_from(context, *seconds, Zero::is_none);
}

void make_provider(LocalModel& model) {
  auto& provider = model.provider;
  provider.id = "pool";
  provider.name = std::string(pool_provider);
  provider.local_model = model.name;
  provider.auth = Auth::none;
  provider.in_flight_max = model.slots;
  provider.quirks.answers_500_to_bad_requests = model.engine == Engine::llama_server;
  provider.quirks.return_progress = model.engine == Engine::llama_server;
}

// Behind a private socket none is needed. MLX and Ollama take none; a command is the operator's.
void give_key(LocalModel& model) {
  const bool takes_one = model.engine == Engine::llama_server || model.engine == Engine::vllm;
  if (!takes_one || !model.provider.base_url.socket_path.empty()) return;
  model.provider.auth = Auth::bearer;
  model.provider.api_key = Secret(engine_key());
}

LocalModel model_from(TableReader& reader) {
  LoadContext& context = reader.context();
  LocalModel model;
  read_name(reader, model);
  if (const auto engine = reader.require<std::string>("engine")) {
    if (const auto known = chosen(context, *engine, engines)) model.engine = *known;
  }
  read_file(reader, "file", model.file);
  read_file(reader, "projector", model.projector);
  model.command = read_words(reader, "command");
  model.arguments = read_words(reader, "arguments");
  if (model.engine == Engine::command && model.command.empty())
    reader.report("command", "is missing: give the program and its arguments as a list");
  if (model.file.empty() && !reader.has("file") && model.engine != Engine::command &&
      model.engine != Engine::ollama)
    reader.report("file", "is missing: give the model's file");
  read_numbers(reader, model);
  read_memory(reader, model);
  if (const auto pinned = reader.read<bool>("pinned")) model.pinned = pinned->value;
  model.provider.timeouts = read_overrides(reader, deadline::SourceKind::provider, model.name);
  make_provider(model);
  read_address(reader, model);
  give_key(model);
  reader.finish();
  return model;
}

}  // namespace

void read_models(TableReader& root, const Overlay& overlay) {
  LoadContext& context = root.context();
  std::vector<LocalModel>& models = context.configuration.models;
  std::set<const StoredItem*> used;
  const auto add_stored = [&](const StoredItem& item) -> LocalModel& {
    TableReader stored = TableReader::stored(context, item.table, "models[" + item.id + "]");
    LocalModel& model = models.emplace_back(model_from(stored));
    model.id = item.id;
    model.origin = Origin::stored;
    return model;
  };
  for (TableReader& reader : root.tables("models")) {
    const StoredItem* over = item_named(overlay.models, reader.text("name"));
    if (over && used.insert(over).second) {
      add_stored(*over).in_file = true;
      reader.take_all();
      continue;
    }
    LocalModel& model = models.emplace_back(model_from(reader));
    model.id = file_model_id(model.name);
    model.in_file = true;
    const auto pin = overlay.model_pins.find(model.name);
    model.pin_stored = pin != overlay.model_pins.end();
    if (model.pin_stored) model.pinned = pin->second;
  }
  for (const StoredItem& item : overlay.models) {
    if (!used.contains(&item)) add_stored(item);
  }
}

}  // namespace punctual::config
