#include "config/checks.hpp"
#include "config/section_reader.hpp"
#include "config/sections.hpp"

namespace punctual::config {

namespace {

constexpr std::size_t places_max = 64;
constexpr std::int64_t port_max = 65535;

void read_ports(SectionReader& section, Discovery& discovery) {
  const auto found = section.read<std::vector<std::int64_t>>("ports");
  if (!found) return;
  LoadContext& context = section.context();
  if (found->value.size() > places_max) return context.report(found->place, "has too many: give at most 64");
  discovery.ports.clear();
  for (const auto port : found->value) {
    if (!in_range(context, {port, found->place}, 1, port_max)) return;
    discovery.ports.push_back(static_cast<std::uint16_t>(port));
  }
}

void read_folders(SectionReader& section, Discovery& discovery) {
  auto found = section.read<std::vector<std::string>>("folders");
  if (!found) return;
  LoadContext& context = section.context();
  if (found->value.size() > places_max) return context.report(found->place, "has too many: give at most 64");
  for (const auto& folder : found->value) {
    if (folder.starts_with('/') || folder.starts_with("~/")) continue;
    return context.report(found->place, "has \"" + folder + "\": write whole paths, or such as \"~/models\"");
  }
  discovery.folders = std::move(found->value);
}

}  // namespace

void read_discovery(TableReader& root) {
  Discovery& discovery = root.context().configuration.discovery;
  SectionReader section(root.table("discovery"), {"PUNCTUAL_DISCOVERY_"});
  read_ports(section, discovery);
  read_folders(section, discovery);
  section.finish();
}

}  // namespace punctual::config
