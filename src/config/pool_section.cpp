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
  if (const auto seconds = section.read<double>("minimum_resident_seconds")) {
    if (const auto limit = limit_from(context, *seconds, Zero::is_none))
      pool.residence_min = limit->duration.value_or(deadline::Duration::zero());
  }
  if (const auto seconds = section.read<double>("free_within_seconds")) {
    if (const auto limit = limit_from(context, *seconds, Zero::is_none))
      pool.free_within = limit->duration.value_or(deadline::Duration::zero());
  }
  if (const auto finish = section.read<bool>("finish_abandoned_loads"))
    pool.finish_abandoned_loads = finish->value;
  if (const auto allowed = section.read_unstored<bool>("commands_by_api"))
    pool.commands_by_api = allowed->value;
  section.finish();
}

}  // namespace punctual::config
