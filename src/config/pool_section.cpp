#include <array>
#include <utility>

#include "base/text.hpp"
#include "config/bounds.hpp"
#include "config/byte_count.hpp"
#include "config/checks.hpp"
#include "config/seconds.hpp"
#include "config/section_reader.hpp"
#include "config/sections.hpp"

namespace punctual::config {

namespace {

constexpr std::int64_t slots_max = 1024;

constexpr std::array<std::pair<std::string_view, Engine>, 5> engines = {
    {{"llama-server", Engine::llama_server},
     {"vllm", Engine::vllm},
     {"mlx-lm", Engine::mlx_lm},
     {"ollama", Engine::ollama},
     {"command", Engine::command}}};

std::optional<MemoryLimit> memory_limit_from(std::string_view text) {
  text = base::trimmed(text);
  if (text.ends_with('%')) {
    const auto percent = base::parse_decimal(base::trimmed(text.substr(0, text.size() - 1)));
    if (!percent || *percent <= 0 || *percent > 100) return std::nullopt;
    return MemoryLimit{.fraction = *percent / 100};
  }
  const auto bytes = parse_byte_count(text);
  if (!bytes || *bytes == 0) return std::nullopt;
  return MemoryLimit{.bytes = *bytes};
}

void read_name(TableReader& reader, LocalModel& model) {
  LoadContext& context = reader.context();
  auto name = reader.require<std::string>("name");
  if (!name || !is_text(context, *name, model_bytes_max)) return;
  for (const LocalModel& other : context.configuration.models) {
    if (other.name != name->value) continue;
    context.report(name->place, "is \"" + name->value + "\", as another model: choose another");
    break;
  }
  model.name = std::move(name->value);
}

LocalModel model_from(TableReader& reader) {
  LoadContext& context = reader.context();
  LocalModel model;
  read_name(reader, model);
  if (const auto engine = reader.require<std::string>("engine")) {
    if (const auto known = chosen(context, *engine, engines)) model.engine = *known;
  }
  if (auto file = reader.read<std::string>("file")) model.file = std::move(file->value);
  if (const auto slots = reader.read<std::int64_t>("slots");
      slots && in_range(context, *slots, 1, slots_max)) {
    model.slots = static_cast<std::uint32_t>(slots->value);
  }
  if (const auto pinned = reader.read<bool>("pinned")) model.pinned = pinned->value;
  model.timeouts = read_overrides(reader, deadline::SourceKind::provider, model.name);
  reader.finish();
  return model;
}

}  // namespace

void read_pool(TableReader& root, const Overlay& overlay) {
  LoadContext& context = root.context();
  Pool& pool = context.configuration.pool;
  SectionReader section(root.table("pool"), TableReader::stored(context, overlay.pool, "pool"),
                        {"PUNCTUAL_POOL_"});
  if (const auto text = section.read<std::string>("memory_limit")) {
    const auto limit = memory_limit_from(text->value);
    if (limit) pool.memory_limit = *limit;
    if (!limit)
      context.report(text->place, "is \"" + text->value + "\": write a share such as \"80%\" or \"64GiB\"");
  }
  if (const auto seconds = section.read<double>("idle_unload_seconds")) {
    if (const auto limit = limit_from(context, *seconds, Zero::is_none)) pool.idle_unload = *limit;
  }
  section.finish();
}

void read_models(TableReader& root) {
  for (TableReader& reader : root.tables("models"))
    root.context().configuration.models.push_back(model_from(reader));
}

}  // namespace punctual::config
